"""A running labpass-server, started with the public command and nothing else."""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx2

from testbed import files, ports, waiting
from testbed.desk import Desk
from testbed.problems import Problem
from testbed.processes import Processes

NAME = "labpass-server"
_READY_SECONDS = 30.0
_SIGN_IN = re.compile(r"labpass login --server '?(https://\S+#sha256:[0-9a-f]{64})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Where it is; ``server`` is what people give to `labpass login --server`."""

    issuer: str
    server: str
    ca: Path
    data: Path
    sealing_key: Path
    pid: int


def start(root: Path, *, processes: Processes, environment: Mapping[str, str]) -> Authority:
    """Start a server on an empty folder and return when it is ready.

    Raises `Problem` with its last words when it does not come up.
    """
    files.folder(root)
    port, log = ports.free(), root / "server.log"
    data, key, issuer = root / "data", root / "key" / "sealing.key", f"https://127.0.0.1:{port}"
    where = ("--data", str(data), "--sealing-key", str(key))
    command = (NAME, "serve", *where, "--listen", f"127.0.0.1:{port}", "--issuer", issuer)
    processes.start(NAME, ("env", *command), log=log, environment=environment)
    ca = data / "ca.pem"
    waiting.until(
        lambda: _is_ready(processes, issuer, ca, log), seconds=_READY_SECONDS, what=f"{NAME} ready"
    )
    found = processes.find(NAME)
    assert found is not None
    server = waiting.until(lambda: _SIGN_IN.search(log.read_text()), seconds=5, what="its address")
    return Authority(
        issuer=issuer, server=server.group(1), ca=ca, data=data, sealing_key=key, pid=found.pid
    )


def create_administrator(authority: Authority, desk: Desk, *, handle: str, password: str) -> None:
    """Make the first administrator; the password goes through standard input."""
    where = ("--data", authority.data, "--sealing-key", authority.sealing_key)
    command = (NAME, "admin", "create", handle, "--password-stdin", *where)
    desk.ask(*command, stdin=f"{password}\n")


def _is_ready(processes: Processes, issuer: str, ca: Path, log: Path) -> bool:
    found = processes.find(NAME)
    if found and not found.is_running():
        raise Problem(f"{NAME} ended by itself; its last words:\n{log.read_text()[-2000:]}")
    try:
        context = ssl.create_default_context(cafile=str(ca))
        with httpx2.Client(verify=context, trust_env=False) as client:
            return client.get(f"{issuer}/readyz").status_code == httpx2.codes.OK
    except (OSError, httpx2.HTTPError):
        return False
