"""Dex, built from the Go module proxy into the testbed's cache, and a running one.

kubelogin is one of the testbed's own programs. Dex 2.45.1 has no address on a module proxy: its
tags are v2 and its path is not, so a commit has to be named, and of the newer ones the public
checksum database holds none that could be found. This is 2.41.1.
"""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
from bench.authority import Sessions

from testbed import ports, waiting
from testbed.cluster import certificates
from testbed.problems import Problem
from testbed.programs import find, golang, lock

DEX = "2.41.1"
GO_MOD = """module bench.invalid/build

go 1.21

require github.com/dexidp/dex v0.0.0-20240807174518-43956db7fd75
require github.com/dexidp/dex/api/v2 v2.2.0
"""
PACKAGE = "github.com/dexidp/dex/cmd/dex"
OLDEST_GO = (21, 0)

PASSWORD = "password"  # noqa: S105 - the one of Dex's own example, as is its hash
HASH = "$2a$10$2b2cU8CPhOTaGrs1HRQuAueS7JTT5ZHsHSzYiFPm1leZck7Mc8T4W"
CLIENT, SECRET = "bench", "bench-secret"
PEOPLE = 16
"""Dex keeps one refresh token for a person and client, so each parallel client is a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dex:
    """A running Dex on a SQLite file, https as ours is."""

    issuer: str
    ca: Path
    pid: int

    def sessions(self, count: int) -> Sessions:
        """Sign in ``count`` people."""
        pem = self.ca.read_text()
        form = {"client_id": CLIENT, "client_secret": SECRET}
        with client(self.ca) as http:
            tokens = [self._refresh_token(http, number, form) for number in range(count)]
        forms = [{**form, "grant_type": "refresh_token"}] * count
        return Sessions(url=f"{self.issuer}/token", ca=pem, forms=forms, tokens=tokens)

    def _refresh_token(self, http: httpx2.Client, number: int, form: dict[str, str]) -> str:
        asked = {
            **form,
            "grant_type": "password",
            "scope": "openid offline_access",
            "username": f"p{number}@example.org",
            "password": PASSWORD,
        }
        answer = http.post(f"{self.issuer}/token", data=asked)
        answer.raise_for_status()
        return str(answer.json()["refresh_token"])


def client(ca: Path) -> httpx2.Client:
    """Return a client that trusts this CA alone."""
    return httpx2.Client(verify=str(ca), trust_env=False, timeout=30)


def dex_program() -> Path:
    """Return Dex, building it the first time; raises `Problem` where that cannot be done."""
    program = find.cache() / "peers" / f"dex-{DEX}"
    if program.exists():
        return program
    if shutil.which("gcc") is None:
        raise Problem("Dex on SQLite needs a C compiler to build")
    with lock.held(find.cache() / "lock", on_wait=lambda: None):
        if not program.exists():
            _build(program)
    return program


@contextlib.contextmanager
def dex(root: Path) -> Iterator[Dex]:
    """Run Dex on an empty SQLite file; end it on the way out."""
    program = dex_program()
    root.mkdir(parents=True)
    authority = certificates.Authority("bench", root)
    pair = authority.server("dex", hosts=("127.0.0.1",))
    port = ports.free()
    issuer = f"https://127.0.0.1:{port}/dex"
    settings = _settings(issuer, port, root, pair)
    (root / "config.json").write_text(json.dumps(settings))
    command = [str(program), "serve", str(root / "config.json")]
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        ca = authority.pair.certificate
        waiting.until(lambda: _answers(issuer, ca), seconds=30, what="Dex that answers")
        yield Dex(issuer=issuer, ca=ca, pid=process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _settings(issuer: str, port: int, root: Path, pair: certificates.Pair) -> dict[str, object]:
    people = [
        {
            "email": f"p{number}@example.org",
            "hash": HASH,
            "username": f"p{number}",
            "userID": f"{number}",
        }
        for number in range(PEOPLE)
    ]
    return {
        "issuer": issuer,
        "storage": {"type": "sqlite3", "config": {"file": str(root / "dex.db")}},
        "web": {
            "https": f"127.0.0.1:{port}",
            "tlsCert": str(pair.certificate),
            "tlsKey": str(pair.key),
        },
        "logger": {"level": "error"},
        "oauth2": {"passwordConnector": "local", "skipApprovalScreen": True},
        "enablePasswordDB": True,
        "staticClients": [
            {"id": CLIENT, "secret": SECRET, "name": CLIENT, "redirectURIs": ["http://127.0.0.1/"]}
        ],
        "staticPasswords": people,
    }


def _answers(issuer: str, ca: Path) -> bool:
    try:
        with client(ca) as http:
            return http.get(f"{issuer}/healthz").status_code == httpx2.codes.OK
    except httpx2.HTTPError:
        return False


def _build(program: Path) -> None:
    go = golang.find(find.cache(), least=OLDEST_GO)
    program.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=program.parent) as folder:
        (Path(folder) / "go.mod").write_text(GO_MOD)
        made = Path(folder) / "dex"
        command = [
            str(go.program),
            "build",
            "-trimpath",
            "-ldflags",
            "-s -w",
            "-o",
            str(made),
            PACKAGE,
        ]
        environment = {**os.environ, **go.environment, "CGO_ENABLED": "1"}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Problem(f"Dex could not be built:\n{done.stderr[-2000:]}")
        made.rename(program)
