"""`labpass login --password`, the whole command against a real HTTPS server."""

import stat
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # each test starts whole programs

WRONG = 5


def test_signs_in_from_stdin_and_keeps_the_session_private(alice: Any, authority: Any) -> None:
    (session,) = (alice.state / "sess").glob("*.json")
    assert stat.S_IMODE(session.stat().st_mode) == 0o600
    assert stat.S_IMODE(session.parent.stat().st_mode) == 0o700
    assert authority.count("/authorize") == 1


def test_the_password_is_nowhere_on_disk(alice: Any) -> None:
    for path in alice.home.rglob("*"):
        assert not path.is_file() or b"correct horse" not in path.read_bytes()


def test_a_wrong_password_is_said_in_words_and_leaves_nothing(person: Any, address: str) -> None:
    done = person.run(
        "labpass", "login", "--server", address, "--password-stdin", "-u", "alice", stdin="no\n"
    )
    assert (done.returncode, done.stdout) == (WRONG, "")
    assert "User name or password is wrong" in done.stderr
    assert not list((person.state / "sess").glob("*.json"))


def test_a_temporary_password_is_replaced_by_the_second_line(
    person: Any, authority: Any, address: str
) -> None:
    authority.temporary.add("alice")
    login = ("labpass", "login", "--server", address, "--password-stdin", "-u", "alice")
    done = person.run(*login, stdin="correct horse battery\n")
    assert done.returncode == WRONG
    assert "temporary" in done.stderr
    done = person.run(*login, stdin="correct horse battery\nshort\n")
    assert "at least 8 characters" in done.stderr
    done = person.run(*login, stdin="correct horse battery\na new and longer one\n")
    assert done.returncode == 0, done.stderr
    assert authority.passwords["alice"] == "a new and longer one"


def test_a_failed_sign_in_leaves_the_earlier_session_alone(alice: Any, authority: Any) -> None:
    before = {p: p.read_bytes() for p in (alice.state / "sess").glob("*.json")}
    done = alice.run("labpass", "login", "--password-stdin", "-u", "alice", stdin="no\n")
    assert done.returncode == WRONG
    assert {p: p.read_bytes() for p in (alice.state / "sess").glob("*.json")} == before


def test_a_new_sign_in_ends_the_earlier_session_at_the_server(alice: Any, authority: Any) -> None:
    (first,) = authority.refresh_tokens
    done = alice.run(
        "labpass", "login", "--password-stdin", "-u", "alice", stdin="correct horse battery\n"
    )
    assert done.returncode == 0, done.stderr
    assert len(authority.refresh_tokens) == 1
    assert first not in authority.refresh_tokens


def test_another_fingerprint_sends_nothing(person: Any, authority: Any) -> None:
    done = person.run(
        "labpass",
        "login",
        "--server",
        f"{authority.issuer}#sha256:{'0' * 64}",
        "--password-stdin",
        "-u",
        "alice",
        stdin="correct horse battery\n",
    )
    assert done.returncode == 1
    assert "not the one of this fingerprint" in done.stderr
    assert authority.requests == [("/.well-known/labpass/ca.pem", {})]


def test_a_private_ca_without_fingerprint_is_refused_with_the_way_out(
    person: Any, authority: Any
) -> None:
    done = person.run("labpass", "login", "--server", authority.issuer, "--remote")
    assert done.returncode == 4
    assert "CA that is not trusted here" in done.stderr
    assert "#sha256:FINGERPRINT" in done.stderr


def test_no_terminal_fails_at_once_with_the_ways(person: Any, address: str) -> None:
    done = person.run("labpass", "login", "--server", address)
    assert done.returncode == 2
    assert "--password-stdin" in done.stderr
