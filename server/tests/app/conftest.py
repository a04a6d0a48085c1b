"""Runs the real program, and speaks to it."""

import http.client
import logging
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import structlog

READY = 60.0


@dataclass(kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(kw_only=True)
class Running:
    """A server in a process of its own."""

    process: subprocess.Popen[bytes]
    data: Path
    port: int
    log: Path
    out: Path
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def origin(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        context = ssl.create_default_context(cafile=str(self.data / "ca.pem"))
        connection = http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=context, timeout=10
        )
        sent = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} | dict(
            headers or {}
        )
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, sent)
        response = connection.getresponse()
        text = response.read().decode()
        for cookie in response.headers.get_all("set-cookie") or []:
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        connection.close()
        return Answer(status=response.status, headers=dict(response.headers.items()), text=text)

    def token(self, html: str) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', html)
        assert found is not None
        return found[1]

    def resident(self) -> int:
        """Return the resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) // 1024

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(30)


Start = Callable[..., Running]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def to_its_end(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run ``labpass-server`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "labpass_server", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.fixture(scope="session")
def command() -> Callable[..., subprocess.CompletedProcess[str]]:
    return to_its_end


@contextmanager
def starting(tmp_path: Path) -> Iterator[Start]:
    """Start servers, and end what a test has left running."""
    running: list[Running] = []

    def start_one(*arguments: str, data: Path | None = None, port: int | None = None) -> Running:
        chosen, folder = port or free_port(), data or tmp_path / "data"
        log = tmp_path / f"log-{len(running)}"
        out = tmp_path / f"out-{len(running)}"
        listen = ("--data", str(folder), "--listen", f"127.0.0.1:{chosen}")
        with log.open("wb") as err, out.open("wb") as said:
            process = subprocess.Popen(
                [sys.executable, "-m", "labpass_server", "serve", *listen, *arguments],
                stdout=said,
                stderr=err,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        one = Running(process=process, data=folder, port=chosen, log=log, out=out)
        running.append(one)
        _await(one)
        return one

    yield start_one
    for one in running:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait(10)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with starting(tmp_path) as start_one:
        yield start_one


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server that nobody has set up, for tests that leave it so."""
    with starting(tmp_path_factory.mktemp("shared")) as start_one:
        yield start_one()


@pytest.fixture(scope="module")
def stopped_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("stopped")
    with starting(folder) as start_one:
        assert start_one().stop() == 0
    return folder


@pytest.fixture
def stopped(stopped_once: Path, tmp_path: Path) -> Path:
    """The data folder of a server that ran and was stopped, with its key beside it."""
    for name in ("data", "data-key"):
        shutil.copytree(stopped_once / name, tmp_path / name)
    return tmp_path / "data"


@pytest.fixture
def logging_restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def _await(one: Running) -> None:
    deadline = time.monotonic() + READY
    while "Labpass is ready." not in one.out.read_text():
        assert one.process.poll() is None, one.log.read_text()
        assert time.monotonic() < deadline, one.log.read_text()
        time.sleep(0.02)
