"""`labpass login` says until when; `labpass logout` ends what was meant and nothing else."""

from pathlib import Path
from typing import Any

import pytest

from labpass.session import keys

pytestmark = pytest.mark.slow
CLUSTER = "labpass-lab-a-12345678"


def sign_in(person: Any, address: str, *profile: str) -> Any:
    arguments = ("login", "--server", address, "--password-stdin", "-u", "alice", *profile)
    return person.run("labpass", *arguments, stdin="correct horse battery\n")


def token(person: Any, *profile: str) -> str:
    done = person.run("labpass", "auth", "token", "--audience", CLUSTER, *profile)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def cached(person: Any, issuer: str, profile: str) -> Path:
    key = keys.for_credential(issuer=issuer, audience=CLUSTER, profile=profile)
    return Path(person.state / "cred" / f"{key}.v1.cred")


def test_login_says_until_when_and_what_next(person: Any, address: str) -> None:
    said = sign_in(person, address).stderr
    assert ", until " in said
    assert "(9 h)." in said
    assert "Next: labpass kubeconfig create" in said
    assert "Next: labpass --profile work " in sign_in(person, address, "--profile", "work").stderr


def test_logout_leaves_other_profiles_alone(alice: Any, authority: Any, address: str) -> None:
    sign_in(alice, address, "--profile", "work")
    token(alice)
    token(alice, "--profile", "work")
    assert alice.run("labpass", "logout").returncode == 0
    assert not cached(alice, authority.issuer, "default").exists()
    assert cached(alice, authority.issuer, "work").exists()
    assert len(authority.refresh_tokens) == 1


def test_logout_of_all_ends_every_session_at_the_server(
    alice: Any, authority: Any, address: str
) -> None:
    sign_in(alice, address, "--profile", "work")
    token(alice, "--profile", "work")
    done = alice.run("labpass", "logout", "--all")
    assert done.returncode == 0, done.stderr
    assert "(profile work)" in done.stderr
    assert authority.refresh_tokens == {}
    assert list((alice.state / "cred").iterdir()) == []
    assert alice.run("labpass", "logout", "--all").returncode == 0


def test_a_damaged_session_is_said_and_can_be_forgotten(alice: Any) -> None:
    (session,) = (alice.state / "sess").glob("*.json")
    session.write_text("{")
    done = alice.run("labpass", "logout")
    assert done.returncode == 1
    assert "is damaged" in done.stderr
    assert alice.run("labpass", "logout", "--local").returncode == 0
    assert not session.exists()
