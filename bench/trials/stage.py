"""What the trials share: a PostgreSQL of their own, servers in front of it, those who ask, and what is measured."""

import argparse
import base64
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent))
from machine import TARGET, call, free_port, postgres_programs, tree

COUNTY = "150921"


def arguments(text, **defaults):
    """The options of every trial, and those of one: name=(default, help)."""
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=Path, help="yihu; built with --release when left out")
    parser.add_argument("--households", type=int, default=2000, help="families of the demonstration")
    for name, (default, about) in defaults.items():
        kind = type(default)
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, default=default, help=f"{about} [{default}]")
    options = parser.parse_args()
    if options.program is None:
        call("cargo", "build", "--release", "--locked", "--package", "yihu", cwd=ROOT)
        options.program = TARGET / "release/yihu"
    options.program = options.program.resolve()
    return options


@contextlib.contextmanager
def folder(prefix):
    """A folder of the trial; kept where it failed."""
    place = Path(tempfile.mkdtemp(prefix=f"yihu-{prefix}-", dir="/tmp"))
    place.chmod(0o755)
    try:
        yield place
    except BaseException:
        print(f"what it left: {place}", file=sys.stderr)
        raise
    shutil.rmtree(place, ignore_errors=True)


# Processes


@contextlib.contextmanager
def on(processors):
    """What is started inside runs on these processors."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def halves():
    """The processors in two halves, for servers and for those who ask; all of them twice where there is only one."""
    processors = sorted(os.sched_getaffinity(0))
    half = len(processors) // 2
    return (set(processors[:half]), set(processors[half:])) if half else (set(processors), set(processors))


def resident_mb(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status).group(1)) / 1024


# PostgreSQL


class Postgres:
    """A cluster of the trial's own; as root it runs as the user postgres, who alone may. Nothing acknowledged is lost."""

    def __init__(self, place, name="primary"):
        self.data, self.port, self.log = place / name, free_port(), place / f"{name}.log"
        self.bin = postgres_programs()
        if os.getuid() == 0:
            shutil.chown(place, "postgres")
        self.url = f"postgres://yihu@127.0.0.1:{self.port}/yihu"

    def run(self, name, *arguments, **options):
        command = [self.bin / name, *arguments]
        command = ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command
        return call(*command, stdout=options.pop("stdout", subprocess.DEVNULL), **options)

    def create(self):
        self.run("initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust", "--no-sync")
        with open(self.data / "postgresql.conf", "a") as settings:
            settings.write(
                "\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\nshared_buffers = 256MB\njit = off\n"
                "max_connections = 200\nmax_wal_size = 4GB\nmax_parallel_workers_per_gather = 0\n"
            )
        self.start()
        self.sql("CREATE ROLE yihu LOGIN; ", database="postgres")
        self.sql("CREATE DATABASE yihu OWNER yihu", database="postgres")
        return self

    def replica(self, place, name="replica"):
        """A streaming replica of it."""
        other = Postgres(place, name)
        self.run("pg_basebackup", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-D", other.data, "-R", "-X", "stream", "-c", "fast", "--no-sync")
        other.start()
        return other

    def start(self):
        self.run("pg_ctl", "-D", self.data, "-l", self.log, "-o", f"-p {self.port}", "-w", "-t", "60", "start")

    def stop(self, mode="fast"):
        with contextlib.suppress(subprocess.CalledProcessError):
            self.run("pg_ctl", "-D", self.data, "-m", mode, "-w", "stop", stderr=subprocess.DEVNULL)

    @property
    def pid(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def signal(self, which):
        """To the first process first: what is stopped begins nothing."""
        for process in tree(self.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, which)

    def sql(self, text, database="yihu"):
        command = [self.bin / "psql", "-h", "127.0.0.1", "-p", self.port, "-U", "postgres", "-d", database, "-qAt", "-v", "ON_ERROR_STOP=1"]
        return call(*command, input=text, capture_output=True).stdout.strip()

    def connections(self):
        return int(self.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'yihu'"))


@contextlib.contextmanager
def postgres(place):
    database = Postgres(place).create()
    try:
        yield database
    finally:
        with contextlib.suppress(Exception):
            database.signal(signal.SIGCONT)
        database.stop("immediate")


def fill(program, url, households):
    call(program, "demo", "--households", households, "--database", url, stdout=subprocess.DEVNULL)


# Servers

UNLIMITED = {
    "YIHU_ADMISSION_RATE": "1000000",
    "YIHU_ADMISSION_BURST": "1000000",
    "YIHU_ADMISSION_ANONYMOUS_RATE": "1000000",
    "YIHU_ADMISSION_ANONYMOUS_BURST": "1000000",
    "YIHU_TELEMETRY_FILTER": "warn",
}


class Yihu:
    """One instance."""

    def __init__(self, program, url, place, name="yihu", **options):
        self.program, self.port, self.log, self.name = program, free_port(), place / f"{name}.log", name
        self.url = url
        self.environment = {
            **os.environ,
            **UNLIMITED,
            "YIHU_DATABASE": url,
            "YIHU_HTTP_LISTEN": f"127.0.0.1:{self.port}",
            "YIHU_AUDIT_SEAL_FILE": str(place / "seals.jsonl"),
            **options,
        }

    def start(self):
        self.process = subprocess.Popen(
            [str(self.program), "serve", "--demo"], env=self.environment, stdout=open(self.log, "a"), stderr=subprocess.STDOUT, start_new_session=True
        )
        for _ in range(1200):
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended: {self.log.read_text()[-2000:]}")
            with contextlib.suppress(OSError):
                if get(self.port, "/readyz")[0] == 200:
                    return self
            time.sleep(0.05)
        sys.exit(f"{self.name} is never ready: {self.log.read_text()[-2000:]}")

    def stop(self):
        """Drains as `systemctl stop` would have it."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    @property
    def pid(self):
        return self.process.pid

    def memory_mb(self):
        return resident_mb(self.pid)

    def metric(self, name, **labels):
        """The value of a metric: the sum over the labels that are not given."""
        found = 0.0
        for line in get(self.port, "/metrics")[1].decode().splitlines():
            match = re.match(rf"{name}(?:\{{(.*)\}})? ([0-9.e+-]+)$", line)
            if match and all(f'{key}="{value}"' in (match.group(1) or "") for key, value in labels.items()):
                found += float(match.group(2))
        return found


@contextlib.contextmanager
def serving(*servers):
    started = []
    try:
        for server in servers:
            started.append(server.start())
        yield started[0] if len(started) == 1 else started
    finally:
        for server in started:
            with contextlib.suppress(Exception):
                server.process.send_signal(signal.SIGCONT)
                server.stop()


def token(program, department="CIVIL", role="CLERK", region=COUNTY):
    command = [program, "token", "--department", department, "--role", role, "--region", region, "--life-seconds", "43200"]
    return call(*command, capture_output=True).stdout.strip()


# Asking


def get(port, path, timeout=10):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


class Client:
    """One who asks down one connection, opened anew where it was closed between two requests."""

    def __init__(self, port, bearer, timeout=60):
        self.port, self.bearer, self.timeout, self.connection = port, bearer, timeout, None

    def post(self, query, variables, headers=()):
        """Status, headers and answer; OSError where the connection broke under the request."""
        body = json.dumps({"query": query, "variables": variables})
        if self.connection is None:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        told = {"Content-Type": "application/json", "Accept": "application/json", "Authorization": f"Bearer {self.bearer}", **dict(headers)}
        try:
            self.connection.request("POST", "/graphql", body, told)
            answer = self.connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ConnectionError(f"{type(error).__name__}: {error}") from error
        if answer.will_close:
            self.close()
        return answer.status, answer.headers, json.loads(text)

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def load(port, bearer, bodies, place, connections, rate, seconds, processors=None):
    """Sends the bodies in turn at this rate for so long, or as fast as they are answered where the rate is 0. Gives a list of
    (seconds since the beginning, status, seconds it took, whether Retry-After was told). One wrk thread a connection."""
    if not shutil.which("wrk"):
        sys.exit("wrk is not installed (Debian: apt-get install wrk)")
    file, out = place / "bodies.jsonl", place / f"answers-{uuid.uuid4()}"
    file.write_text("".join(json.dumps(body) + "\n" for body in bodies))
    out.mkdir()
    environment = {**os.environ, "BODIES": str(file), "OUT": str(out), "TOKEN": bearer, "PAUSE_US": str(int(connections / rate * 1e6) if rate else 0)}
    begun = time.time()
    with on(processors or os.sched_getaffinity(0)):
        call(
            "wrk", "-t", connections, "-c", connections, "-d", f"{seconds}s", "--timeout", "60s", "-s", HERE / "paced.lua", f"http://127.0.0.1:{port}",
            env=environment, stdout=subprocess.DEVNULL,
        )
    answers = []
    for part in out.iterdir():
        for line in part.read_text().splitlines():
            fields = line.split(" ")
            if len(fields) == 4:
                answers.append((int(fields[0]) / 1e6 - begun, int(fields[1]), int(fields[2]) / 1e6, fields[3] == "1"))
    shutil.rmtree(out)
    return sorted(answers)


def percentile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))] if values else float("nan")


PAGE = (HERE.parent / "operations/Q2.graphql").read_text()


def pages(database):
    """Pages of 50 households with all slices, of villages of the county."""
    rows = database.sql(f"SELECT DISTINCT region_code FROM household WHERE county_code = {COUNTY} ORDER BY 1").split()
    return [{"operationName": "Q2", "query": PAGE, "variables": {"village": row}} for row in rows]


# Writing

VISIT = """mutation Visit($r: UUID!, $i: [VisitRecordInput!]!) {
  done: visitRecordList(requestId: $r, inputs: $i) { results { changed { id } userErrors { code field } } } }"""


def identifier(kind, key):
    """The global id of a row."""
    return base64.urlsafe_b64encode(f"{kind}:{key}".encode()).decode().rstrip("=")


class Writer(threading.Thread):
    """Writes visits of one household one after the other, each under a number and with a text of its own; keeps those that were
    acknowledged, and sends the others again under the same number until they are. Rests `pause` seconds between two."""

    def __init__(self, port, bearer, household):
        super().__init__(daemon=True)
        self.client, self.household, self.over, self.pause = Client(port, bearer, timeout=30), household, threading.Event(), 0
        # (number, when it was begun, when it was acknowledged, position)
        self.acknowledged, self.open, self.refused, self.answers = [], None, [], []

    def run(self):
        while not self.over.wait(self.pause):
            self.write(str(uuid.uuid4()))

    def write(self, number):
        begun = time.time()
        self.open = number
        visit = {"householdId": self.household, "visitedOn": "2018-12-20", "way": "ON_SPOT", "visitor": "张书记", "what": number}
        while self.open:
            asked = time.monotonic()
            try:
                status, headers, answer = self.client.post(VISIT, {"r": number, "i": [visit]})
                code = next((error["extensions"].get("code") for error in answer.get("errors", [])), None)
            except ConnectionError as error:
                status, headers, answer, code = 0, {}, {}, str(error)
            self.answers.append((asked, time.monotonic() - asked, status, code))
            results = ((answer.get("data") or {}).get("done") or {}).get("results")
            if status == 200 and results and results[0]["changed"]:
                self.acknowledged.append((number, begun, time.time(), headers.get("X-Yihu-Position")))
                self.open = None
            elif status == 200:
                self.refused.append(answer)
                self.open = None
            elif self.over.is_set():
                return
            else:
                time.sleep(0.05)

    def end(self):
        self.over.set()
        self.join()


def writers(program, database, port, count):
    """As many writers, each with a household of its own."""
    rows = database.sql(f"SELECT id, region_code FROM household WHERE status = 'REGISTERED' ORDER BY id LIMIT {count}").split()
    made = []
    for row in rows:
        key, village = row.split("|")
        made.append(Writer(port, token(program, "VILLAGE", "CLERK", village), identifier("Household", key)))
    return made


def faults(database, writers):
    """Acknowledged writes that the tables lack, and those that they hold twice."""
    rows = database.sql("SELECT what, count(*) FROM help_visit WHERE visitor = '张书记' GROUP BY what").splitlines()
    held = {what: int(count) for what, count in (row.rsplit("|", 1) for row in rows)}
    numbers = [entry[0] for writer in writers for entry in writer.acknowledged]
    return [number for number in numbers if not held.get(number)], [what for what, count in held.items() if count > 1]


class Held:
    """What of a trial's claims does not hold is told at the end, and ends it with a fault."""

    def __init__(self):
        self.broken = []

    def claim(self, text, holds):
        print(f"  {'holds' if holds else 'BROKEN'}: {text}", flush=True)
        if not holds:
            self.broken.append(text)

    def end(self):
        sys.exit(1 if self.broken else 0)


class Sampler(threading.Thread):
    """Calls something again and again until it is ended, and keeps what it gave with its time."""

    def __init__(self, what, pause):
        super().__init__(daemon=True)
        self.what, self.pause, self.kept, self.over = what, pause, [], threading.Event()

    def run(self):
        while not self.over.is_set():
            begun = time.monotonic()
            with contextlib.suppress(OSError):
                self.kept.append((begun, self.what()))
            self.over.wait(max(0, self.pause - (time.monotonic() - begun)))

    def end(self):
        self.over.set()
        self.join()
        return self.kept
