"""The world at its worst, around the whole command: said in words, with the right exit code."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow  # every test starts programs, and some wait for a server's silence
CLUSTER = "labpass-lab-a-12345678"
PROGRAM = str(Path(sys.executable).parent / "labpass")
LOGIN = ("labpass", "login", "--password-stdin", "-u", "alice")
PASSWORD = "correct horse battery\n"
UNREACHABLE = 4
TOKEN = ("labpass", "auth", "token", "--audience", CLUSTER)


def answer_html(handler: Any) -> bool:
    handler.send(200, b"<html>Welcome to the hotel</html>", **{"Content-Type": "text/html"})
    return True


def test_a_captive_portal_is_no_labpass_server(person: Any, authority: Any, address: str) -> None:
    person.run(*LOGIN, "--server", address, stdin=PASSWORD)
    authority.break_with = answer_html
    done = person.run(*LOGIN, stdin=PASSWORD)
    assert (done.returncode, done.stdout) == (UNREACHABLE, "")
    assert "web page" in done.stderr


def test_nothing_listens(person: Any) -> None:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{found.getsockname()[1]}"
    done = person.run(*LOGIN, "--server", url, stdin=PASSWORD)
    assert done.returncode == UNREACHABLE
    assert f"Cannot reach {url}: nothing answers at that port" in done.stderr


def test_no_such_host(person: Any) -> None:
    done = person.run(*LOGIN, "--server", "https://nowhere.invalid", stdin=PASSWORD)
    assert done.returncode == UNREACHABLE
    assert "no host of that name" in done.stderr


def test_plain_http_is_never_spoken(person: Any) -> None:
    done = person.run(*LOGIN, "--server", "http://127.0.0.1", stdin=PASSWORD)
    assert done.returncode == 2
    assert "https://" in done.stderr


def test_a_proxy_that_is_gone_is_named_without_its_password(person: Any) -> None:
    proxy = "http://bob:S3CRET@127.0.0.1:9"
    done = person.run(
        *LOGIN, "--server", "https://a.example", stdin=PASSWORD, HTTPS_PROXY=proxy, NO_PROXY=""
    )
    assert done.returncode == UNREACHABLE
    assert "through the proxy 127.0.0.1" in done.stderr
    assert "S3CRET" not in done.stderr


@pytest.fixture
def mute() -> Iterator[str]:
    """A server that takes connections and never says anything."""
    server = socket.create_server(("127.0.0.1", 0))
    yield f"https://127.0.0.1:{server.getsockname()[1]}"
    server.close()


@pytest.mark.slow
def test_a_server_that_says_nothing_is_given_up_in_words(person: Any, mute: str) -> None:
    done = person.run(*LOGIN, "--server", mute, stdin=PASSWORD, timeout=40)
    assert done.returncode == UNREACHABLE
    assert "no answer within 10 s" in done.stderr


@pytest.mark.parametrize(("minutes", "words"), [(5, "5 min behind"), (-5, "5 min ahead of")])
def test_a_clock_five_minutes_off_is_said_and_does_no_harm(
    alice: Any, authority: Any, minutes: int, words: str
) -> None:
    authority.date_offset = timedelta(minutes=minutes)
    done = alice.run("labpass", "whoami")
    assert done.returncode == 0
    assert f"clock is {words} the server" in done.stderr
    assert alice.run(*TOKEN).returncode == 0


def with_disk(person: Any, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script where /mnt-like folder ``$DISK`` is a file system of its own."""
    disk = person.home / "disk"
    disk.mkdir(exist_ok=True)
    return subprocess.run(
        ["unshare", "-rm", "sh", "-c", script],
        env={
            **person.environment,
            "DISK": str(disk),
            "LABPASS": PROGRAM,
            "LABPASS_HOME": str(disk),
        },
        input=PASSWORD,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def own_disk(person: Any) -> Any:
    if with_disk(person, "mount -t tmpfs tmpfs $DISK").returncode != 0:
        pytest.skip("no user namespaces here: a disk of one's own cannot be mounted")
    return person


def test_a_full_disk_keeps_nobody_half_signed_in(own_disk: Any, address: str) -> None:
    done = with_disk(
        own_disk,
        "mount -t tmpfs -o size=16k tmpfs $DISK && "
        "{ head -c 16384 /dev/zero > $DISK/fill || true; } && "
        f"$LABPASS login --server {address} --password-stdin -u alice; code=$?; "
        "ls -A $DISK >&2; exit $code",
    )
    assert done.returncode == 1, done.stderr
    assert "the disk is full" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_read_only_home_is_said_in_words(own_disk: Any, address: str) -> None:
    done = with_disk(
        own_disk,
        "mount -t tmpfs -o ro tmpfs $DISK && "
        f"$LABPASS login --server {address} --password-stdin -u alice",
    )
    assert done.returncode == 1, done.stderr
    assert "the file system is read-only" in done.stderr
    assert "LABPASS_HOME" in done.stderr


def test_a_home_that_became_read_only_still_buys_tokens(own_disk: Any, address: str) -> None:
    done = with_disk(
        own_disk,
        "mount -t tmpfs tmpfs $DISK && "
        f"$LABPASS login --server {address} --password-stdin -u alice && "
        "mount -o remount,ro tmpfs $DISK && "
        f"$LABPASS auth token --audience {CLUSTER}",
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"alice.{CLUSTER}.")
    assert "read-only" in done.stderr


def test_a_home_that_became_read_only_rotates_nothing(
    own_disk: Any, authority: Any, address: str
) -> None:
    done = with_disk(
        own_disk,
        "mount -t tmpfs tmpfs $DISK && "
        f"$LABPASS login --server {address} --password-stdin -u alice && "
        f"$LABPASS auth token --audience {CLUSTER} >/dev/null && "
        'sed -i \'s/"access_token": "[^"]*"/"access_token": null/\' $DISK/sess/*.json && '
        "rm $DISK/cred/* && mount -o remount,ro tmpfs $DISK && "
        f"$LABPASS auth token --audience {CLUSTER}",
    )
    assert done.returncode == 1, done.stderr
    assert "read-only" in done.stderr
    assert authority.count("refresh_token") == 0


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b'{"version": 1}'])
def test_a_damaged_session_is_said_in_words(alice: Any, content: bytes) -> None:
    (session,) = (alice.state / "sess").glob("*.json")
    session.write_bytes(content)
    done = alice.run(*TOKEN)
    assert done.returncode == 1
    assert "damaged" in done.stderr
    assert alice.run(*LOGIN, stdin=PASSWORD).returncode == 0
    assert alice.run(*TOKEN).returncode == 0


def test_a_session_that_others_could_read_is_not_used(alice: Any) -> None:
    (session,) = (alice.state / "sess").glob("*.json")
    session.chmod(0o644)
    done = alice.run(*TOKEN)
    assert done.returncode == 1
    assert "read by others" in done.stderr


def test_a_server_of_another_name_gets_no_password(
    person: Any, authority: Any, address: str
) -> None:
    real, authority.issuer = authority.issuer, "https://elsewhere.example"
    done = person.run(*LOGIN, "--server", address.replace("elsewhere.example", ""), stdin=PASSWORD)
    authority.issuer = real
    assert done.returncode == UNREACHABLE
    assert "says it is https://elsewhere.example" in done.stderr
    assert authority.count("/authorize") == 0


def test_tls_of_another_ca_gets_no_password(alice: Any, authority: Any, other_ca: str) -> None:
    """The address is the one we know; who answers there is somebody else."""
    config = alice.home / ".config/labpass/config.json"
    known = json.loads(config.read_text())
    known["servers"][authority.issuer]["ca"] = other_ca
    config.write_text(json.dumps(known))
    before = len(authority.requests)
    done = alice.run(*LOGIN, stdin=PASSWORD)
    assert done.returncode == UNREACHABLE
    assert "not trusted here" in done.stderr
    assert len(authority.requests) == before


def test_tracebacks_are_for_debug_alone(alice: Any, authority: Any) -> None:
    authority.break_with = answer_html
    assert "Traceback" not in alice.run("labpass", "whoami").stderr
    assert "Traceback" in alice.run("labpass", "--debug", "whoami").stderr
