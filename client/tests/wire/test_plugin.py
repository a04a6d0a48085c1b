"""The plugin as kubectl starts it: cached, expired, dead, in parallel, with odd exec infos."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from labpass.session import keys

pytestmark = pytest.mark.slow  # each test starts whole programs

CLUSTER = "labpass-lab-a-12345678"
NOT_SIGNED_IN, UNREACHABLE, FORBIDDEN = 5, 4, 6


def plugin(authority: Any, version: str = "v1") -> tuple[str, ...]:
    key = keys.for_credential(issuer=authority.issuer, audience=CLUSTER, profile="default")
    return ("labpass-credential", version, key, authority.issuer, CLUSTER, "default")


def hang_up(handler: Any) -> bool:
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True
    return True


@pytest.fixture
def warm(alice: Any, authority: Any) -> Any:
    """alice, with a cached token for the cluster."""
    done = alice.run(*plugin(authority))
    assert done.returncode == 0, done.stderr
    authority.requests.clear()
    return alice


def test_a_miss_gets_a_token_and_the_next_call_needs_no_server(warm: Any, authority: Any) -> None:
    first = warm.run(*plugin(authority))
    second = warm.run(*plugin(authority))
    assert first.stdout == second.stdout
    assert authority.requests == []
    document = json.loads(first.stdout)
    assert document["apiVersion"] == "client.authentication.k8s.io/v1"
    assert document["status"]["token"].startswith(f"alice.{CLUSTER}.")
    expiry = time.strptime(document["status"]["expirationTimestamp"], "%Y-%m-%dT%H:%M:%SZ")
    assert 830 <= time.mktime(expiry) - time.mktime(time.gmtime()) <= 840


def test_less_than_six_minutes_left_renews(warm: Any, authority: Any) -> None:
    before = warm.run(*plugin(authority)).stdout
    warm.age_credentials(350)
    after = warm.run(*plugin(authority)).stdout
    assert before != after
    assert authority.count("refresh_token") == 0  # the access token at hand still buys one


@pytest.mark.slow
def test_forty_at_once_with_an_expired_token_refresh_once(warm: Any, authority: Any) -> None:
    warm.age_credentials(-10)
    warm.forget_access_token()
    programs = Path(sys.executable).parent
    command = plugin(authority)
    running = [
        subprocess.Popen(
            [str(programs / command[0]), *command[1:]],
            env=warm.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(40)
    ]
    answers = [one.communicate(timeout=120) for one in running]
    assert {one.returncode for one in running} == {0}, {err for _, err in answers}
    assert len({out for out, _ in answers}) == 1
    assert authority.count("refresh_token") == 1


def test_the_server_gone_prints_the_old_token_while_it_lasts(warm: Any, authority: Any) -> None:
    before = warm.run(*plugin(authority)).stdout
    authority.break_with = hang_up
    warm.age_credentials(120)
    done = warm.run(*plugin(authority))
    assert done.returncode == 0
    assert json.loads(done.stdout)["status"]["token"] == json.loads(before)["status"]["token"]
    assert "while it lasts" in done.stderr


def test_the_server_gone_and_the_token_too_is_unreachable_and_keeps_the_session(
    warm: Any, authority: Any
) -> None:
    authority.break_with = hang_up
    warm.age_credentials(-10)
    done = warm.run(*plugin(authority))
    assert (done.returncode, done.stdout) == (UNREACHABLE, "")
    assert "Cannot reach" in done.stderr
    authority.break_with = None
    assert warm.run(*plugin(authority)).returncode == 0


def test_an_html_answer_is_no_dead_session(warm: Any, authority: Any) -> None:
    def portal(handler: Any) -> bool:
        page = b"<html>Please accept the terms of this hotel</html>"
        handler.send(200, page, **{"Content-Type": "text/html"})
        return True

    authority.break_with = portal
    warm.age_credentials(-10)
    done = warm.run(*plugin(authority))
    assert done.returncode == UNREACHABLE
    assert "web page" in done.stderr
    authority.break_with = None
    assert warm.run(*plugin(authority)).returncode == 0


def test_an_answer_lost_after_the_rotation_is_asked_for_once_more(
    warm: Any, authority: Any
) -> None:
    lost: list[str] = []

    def lose_first(handler: Any) -> bool:
        if not lost:
            lost.append(handler.path)
            return hang_up(handler)
        return False

    authority.break_with = lose_first
    warm.age_credentials(-10)
    warm.forget_access_token()
    assert warm.run(*plugin(authority)).returncode == 0
    assert authority.count("refresh_token") == 2


def test_a_dead_session_says_whose_and_starts_no_browser(warm: Any, authority: Any) -> None:
    authority.refresh_tokens.clear()
    authority.access_tokens.clear()
    warm.age_credentials(-10)
    for _ in range(2):
        done = warm.run(*plugin(authority))
        assert (done.returncode, done.stdout) == (NOT_SIGNED_IN, "")
        assert "session for alice" in done.stderr
        assert "labpass login" in done.stderr
    assert not list((warm.state / "sess").glob("*.json"))
    assert authority.count("refresh_token") == 1


def test_no_right_on_the_cluster_says_the_servers_words(alice: Any, authority: Any) -> None:
    authority.no_access.add(CLUSTER)
    done = alice.run(*plugin(authority))
    assert done.returncode == FORBIDDEN
    assert "ask carol" in done.stderr


@pytest.mark.parametrize("where", ["shell", "python"])
@pytest.mark.parametrize(
    ("info", "argument", "version"),
    [
        (None, "v1", "v1"),
        (None, "v1beta1", "v1beta1"),
        ("garbage {{{", "v1", "v1"),
        ('{"apiVersion":"client.authentication.k8s.io/v1"}', "v1", "v1"),
        ('{"apiVersion":"client.authentication.k8s.io/v1beta1"}', "v1", "v1beta1"),
        ('{"apiVersion":"client.authentication.k8s.io/v1"}', "v1beta1", "v1"),
        ('{"apiVersion":"client.authentication.k8s.io/v1alpha1"}', "v1", "v1"),
    ],
)
def test_answers_in_the_version_that_was_asked(
    warm: Any, authority: Any, where: str, info: str | None, argument: str, version: str
) -> None:
    environment = {} if info is None else {"KUBERNETES_EXEC_INFO": info}
    if where == "python":
        environment["XDG_STATE_HOME"] = str(warm.home / ".local/state")
    done = warm.run(*plugin(authority, argument), **environment)
    assert json.loads(done.stdout)["apiVersion"] == f"client.authentication.k8s.io/{version}"
    assert authority.requests == []


@pytest.mark.parametrize("harm", ["others can read", "a link", "torn", "far future", "letters"])
def test_a_file_that_is_not_as_we_wrote_it_is_not_printed(
    warm: Any, authority: Any, harm: str
) -> None:
    _, _, key, *_ = plugin(authority)
    path = warm.state / "cred" / f"{key}.v1.cred"
    planted = f"{int(time.time()) + 800}\n" + '{"token":"planted"}\n'
    match harm:
        case "others can read":
            path.write_text(planted)
            path.chmod(0o644)
            if_shell_prints = path.parent
            assert if_shell_prints.stat().st_mode & 0o077 == 0  # why the shell may print it
            return
        case "a link":
            elsewhere = warm.home / "planted"
            elsewhere.write_text(planted)
            path.unlink()
            path.symlink_to(elsewhere)
        case "torn":
            path.write_text(planted.splitlines()[0])
        case "far future":
            path.write_text(f"{int(time.time()) + 7200}\n" + '{"token":"planted"}\n')
        case _:
            path.write_text("x[$(touch pwned)]\n" + '{"token":"planted"}\n')
    done = warm.run(*plugin(authority))
    assert done.returncode == 0, done.stderr
    assert "planted" not in done.stdout
    assert not (warm.home / "pwned").exists()


def test_a_call_without_its_five_arguments_is_a_usage_error(person: Any) -> None:
    for call in (
        (),
        ("v1",),
        ("v1", "../../etc/passwd", "i", "a", "p"),
        ("v2", "0" * 64, "i", "a", "p"),
    ):
        assert person.run("labpass-credential", *call).returncode == 2


def test_logout_revokes_at_the_server_and_forgets_every_token(warm: Any, authority: Any) -> None:
    done = warm.run("labpass", "logout")
    assert done.returncode == 0, done.stderr
    assert authority.refresh_tokens == {}
    assert warm.run(*plugin(authority)).returncode == NOT_SIGNED_IN


def test_logout_without_its_server_keeps_the_session_unless_told_to(
    warm: Any, authority: Any
) -> None:
    authority.break_with = hang_up
    done = warm.run("labpass", "logout")
    assert done.returncode == UNREACHABLE
    assert "--local" in done.stderr
    assert list((warm.state / "sess").glob("*.json"))
    assert warm.run("labpass", "logout", "--local").returncode == 0
    assert not list((warm.state / "sess").glob("*.json"))


def test_whoami_shows_the_servers_view(alice: Any) -> None:
    done = alice.run("labpass", "whoami")
    assert done.returncode == 0, done.stderr
    assert "alice" in done.stdout
    assert "researcher in vision" in done.stdout
    assert json.loads(alice.run("labpass", "whoami", "-o", "json").stdout)["handle"] == "alice"
