"""Terminals, and tokens that a thief of the signing key could make."""

import re
import ssl
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pexpect
import pytest

from labpass_server.app import sealing_key
from labpass_server.model import key
from labpass_server.model.cluster import Algorithm
from labpass_server.signing import jwt, keysmith, sealing
from labpass_server.storage.database import Database
from testbed import document
from testbed.desk import Desk

if TYPE_CHECKING:
    from e2e.conftest import Person, World

LABPASS = str(Path(sys.executable).with_name("labpass"))


class Terminal:
    """labpass in a pseudo-terminal."""

    def __init__(self, desk: Desk, *arguments: str, **environment: str) -> None:
        self.child = pexpect.spawn(
            LABPASS,
            list(arguments),
            env={**desk.environment, **environment},
            cwd=str(desk.home),
            timeout=30,
            encoding="utf-8",
            dimensions=(40, 400),
        )

    def answer(self, prompt: str, text: str) -> None:
        """Wait for a prompt and type."""
        self.child.expect_exact(prompt)
        self.child.sendline(text)

    def find(self, pattern: str) -> str:
        """Wait for something on the screen."""
        self.child.expect(pattern)
        found = self.child.match
        assert isinstance(found, re.Match)
        return str(found.group())

    def end(self) -> tuple[int | None, str]:
        """Wait for the end; return code and last words."""
        self.child.expect(pexpect.EOF)
        said = str(self.child.before)
        self.child.close()
        return self.child.exitstatus, said

    def interrupted(self) -> tuple[int | None, str]:
        """Press Ctrl-C as a person does: again, where one fell between prompt and reading."""
        for _ in range(5):
            self.child.sendintr()
            if self.child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=3) == 0:
                break
        said = str(self.child.before)
        self.child.close()
        return self.child.exitstatus, said


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    """Start `labpass login` at a person's terminal; whatever still runs at the end is ended."""
    started: list[Terminal] = []

    def start(person: "Person", *arguments: str, **environment: str) -> Terminal:
        login = ("login", "--server", person.server, *arguments)
        started.append(Terminal(person.desk, *login, **environment))
        return started[-1]

    yield start
    for each in started:
        each.child.close(force=True)


@pytest.fixture
def signer(world: "World") -> jwt.Signer:
    """The key that signs today, as only who has database and sealing key can use it."""
    home = world.testbed.state / "labpass"
    sealed_with = sealing_key.load(home / "key" / "sealing.key")
    assert sealed_with is not None
    database = Database(f"sqlite:///{home / 'data' / 'labpass.db'}")
    try:
        keys = database.write_now(lambda tx: tx.keys.all())
    finally:
        database.close()
    current = key.signing(keys, Algorithm.RS256, datetime.now(UTC))
    assert current is not None
    return keysmith.Keysmith(sealing.Sealer(sealed_with)).open(current)


@pytest.fixture
def ask_who() -> Callable[..., httpx2.Response]:
    """Ask an API server who a token is."""

    def ask(cluster: document.Cluster, token: str) -> httpx2.Response:
        body: dict[str, Any] = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "SelfSubjectReview",
        }
        context = ssl.create_default_context(cafile=str(cluster.ca))
        with httpx2.Client(verify=context, trust_env=False) as client:
            return client.post(
                f"{cluster.server}/apis/authentication.k8s.io/v1/selfsubjectreviews",
                json=body,
                headers={"Authorization": f"Bearer {token}"},
            )

    return ask
