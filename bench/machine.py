"""Processes of the bench: what they cost, and a PostgreSQL of its own."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# Where cargo leaves what it builds.
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# Whose users ask.
PREFECTURE = "1509"
# What the demonstration calls a county; rolls and lists are asked for all of them.
COUNTIES = ("150902", "150921", "150922", "150923", "150924", "150925", "150926", "150927", "150928", "150929", "150981")


def call(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, text=True, **options)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


# Processes


def tree(pid):
    """A process and all below it."""
    children = {}
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{name}/stat").read_text().rsplit(") ", 1)[1].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(name))
    found = [pid]
    for parent in found:
        found += children.get(parent, [])
    return found


def cpu_seconds(pid):
    total = 0
    for process in tree(pid):
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                total += int(Path(f"/proc/{process}/task/{thread}/schedstat").read_text().split()[0])
        except OSError:
            continue
    return total / 1e9


def memory_mb(pid):
    """Memory now, shared pages counted by their share, and the most there ever was."""
    now = most = 0
    for process in tree(pid):
        try:
            now += int(re.search(r"Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text()).group(1))
            most += int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process}/status").read_text()).group(1))
        except (OSError, AttributeError):
            continue
    return now / 1024, most / 1024


@contextmanager
def running(command, environment, log):
    with open(log, "w") as output:
        process = subprocess.Popen(
            [str(part) for part in command], env={**os.environ, **environment}, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)


# PostgreSQL


def postgres_programs():
    """The folder of the newest PostgreSQL installed."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not installed and not shutil.which("initdb"):
        sys.exit("PostgreSQL is not installed (Debian: apt-get install postgresql)")
    return installed[-1].parent if installed else Path(shutil.which("initdb")).parent


class Postgres:
    """A cluster of the bench's own; as root it runs as the user postgres, who alone may.

    Without autovacuum, vacuum runs between the measured runs, not in some of them."""

    def __init__(self, folder, buffers, autovacuum=False):
        self.folder, self.data, self.port, self.buffers = folder, folder / "data", free_port(), buffers
        self.autovacuum = "on" if autovacuum else "off"
        self.bin = postgres_programs()

    def command(self, name, *arguments):
        command = [self.bin / name, *arguments]
        return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else command

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            shutil.chown(self.folder, "postgres")
            for parent in [self.folder, *self.folder.parents]:
                if not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)
        if not (self.data / "PG_VERSION").exists():
            call(*self.command("initdb", "-D", self.data, "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "-A", "trust"), stdout=subprocess.DEVNULL)
            with open(self.data / "postgresql.conf", "a") as settings:
                settings.write(
                    "\nlisten_addresses = '127.0.0.1'\neffective_cache_size = 8GB\nwork_mem = 16MB\n"
                    "maintenance_work_mem = 512MB\njit = off\nrandom_page_cost = 1.1\nmax_wal_size = 8GB\n"
                    "checkpoint_timeout = 30min\nmax_parallel_workers_per_gather = 0\nmax_connections = 100\n"
                )
        # Statements are counted when they are asked for.
        options = (
            f"-p {self.port} -k {self.folder} -c shared_buffers={self.buffers} -c autovacuum={self.autovacuum} "
            "-c shared_preload_libraries=pg_stat_statements"
        )
        call(*self.command("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-o", options, "-w", "start"), stdout=subprocess.DEVNULL)
        if not self.sql("SELECT 1 FROM pg_database WHERE datname = 'yihu'", database="postgres"):
            self.sql("CREATE DATABASE yihu", database="postgres")
        self.sql("CREATE EXTENSION IF NOT EXISTS pg_stat_statements", database="postgres")
        self.count_statements(False)

    def stop(self):
        call(*self.command("pg_ctl", "-D", self.data, "-m", "fast", "-w", "stop"), stdout=subprocess.DEVNULL)

    def sql(self, text, database="yihu"):
        command = ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", database, "-qAt", "-v", "ON_ERROR_STOP=1"]
        return call(*command, input=text, capture_output=True).stdout.strip()

    @property
    def url(self):
        return self.url_of("postgres")

    def url_of(self, role):
        return f"postgres://{role}@127.0.0.1:{self.port}/yihu"

    @property
    def pid(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def count_statements(self, wanted):
        self.sql(f"ALTER SYSTEM SET pg_stat_statements.track = '{'top' if wanted else 'none'}'", database="postgres")
        self.sql("SELECT pg_reload_conf(); SELECT pg_sleep(0.2); SELECT pg_stat_statements_reset()", database="postgres")

    def statements(self):
        """How many the database yihu was sent since they are counted, BEGIN and COMMIT too."""
        of_yihu = "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = 'yihu'"
        return int(self.sql(of_yihu, database="postgres"))
