"""Every way to sign in through a real pseudo-terminal, and Ctrl-C at each prompt."""

import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pexpect
import pytest

pytestmark = pytest.mark.slow
PROGRAM = str(Path(sys.executable).parent / "labpass")
CTRL_C = 130


@pytest.fixture
def terminal(person: Any, address: str) -> Iterator[Any]:
    """Start `labpass login` at a terminal; whatever still runs at the end is ended."""
    started: list[Any] = []

    def start(*arguments: str, **environment: str) -> Any:
        child = pexpect.spawn(
            PROGRAM,
            ["login", "--server", address, *arguments],
            env={**person.environment, **environment},
            timeout=20,
            encoding="utf-8",
            dimensions=(40, 400),
        )
        started.append(child)
        return child

    yield start
    for child in started:
        child.close(force=True)


def ended(child: Any) -> int:
    """Wait for the end and return the exit code."""
    child.expect(pexpect.EOF)
    child.close()
    return int(child.exitstatus)


def test_password(terminal: Any, authority: Any) -> None:
    child = terminal("--password")
    child.expect("User name: ")
    child.sendline("alice")
    child.expect("Password: ")
    child.sendline("correct horse battery")
    child.expect("Signed in to .* as alice")
    assert ended(child) == 0
    assert "horse" not in child.before


def test_a_temporary_password_is_changed_in_the_same_sign_in(terminal: Any, authority: Any) -> None:
    authority.temporary.add("alice")
    child = terminal("--password", "-u", "alice")
    child.expect("Password: ")
    child.sendline("correct horse battery")
    child.expect("temporary")
    child.expect("New password: ")
    child.sendline("short")
    child.expect("Once more: ")
    child.sendline("short")
    child.expect("at least 8 characters")
    child.expect("New password: ")
    child.sendline("longer this time")
    child.expect("Once more: ")
    child.sendline("longer this time")
    child.expect("Signed in")
    assert ended(child) == 0
    assert authority.passwords["alice"] == "longer this time"


@pytest.mark.parametrize("typed", ["WQ7K-3MPX", " wq7k 3mpx ", "wq7k3mpx"])
def test_remote(terminal: Any, authority: Any, typed: str) -> None:
    child = terminal("--remote")
    child.expect(re.escape(f"{authority.issuer}/r/AbCdEfGh"))
    child.expect("verification code: ")
    child.sendline(typed)
    child.expect("Signed in")
    assert ended(child) == 0
    (form,) = [form for path, form in authority.requests if path == "/remote"]
    assert form["machine"]
    assert form["redirect_uri"] == f"{authority.issuer}/code"


def test_a_mistyped_code_is_asked_for_again_and_not_for_ever(terminal: Any) -> None:
    child = terminal("--remote")
    for _ in range(3):
        child.expect("verification code: ")
        child.sendline("AAAA-AAAA")
    child.expect("did not sign you in")
    assert ended(child) != 0


def interrupted(child: Any) -> int:
    """Press Ctrl-C as a person does: again, where one fell between the prompt and the reading."""
    for _ in range(5):
        child.sendintr()
        if child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=3) == 0:
            break
    child.close()
    return int(child.exitstatus)


def visited(child: Any) -> dict[str, str]:
    """Return the parameters of the address that the browser was sent to."""
    child.expect(r"(https://127\.0\.0\.1:\d+/authorize\?\S+)")
    return {k: v[0] for k, v in parse_qs(urlsplit(child.match[1]).query).items()}


def come_back(asked: dict[str, str], authority: Any, **changes: str) -> str:
    """What a browser's address is after the sign-in."""
    authority.codes["c0de"] = {**asked, "person": "alice"}
    answer = {"code": "c0de", "state": asked["state"], "iss": authority.issuer, **changes}
    return f"{asked['redirect_uri']}?{urlencode(answer)}"


def get(url: str) -> int:
    """Visit a loopback address; returns the status."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=5) as response:
            return int(response.status)
    except urllib.error.HTTPError as e:
        e.close()
        return e.code


def test_browser(terminal: Any, authority: Any) -> None:
    child = terminal("--browser", "--browser-command", "true")
    asked = visited(child)
    assert asked["code_challenge_method"] == "S256"
    origin = "http://" + urlsplit(asked["redirect_uri"]).netloc
    assert get(f"{origin}/favicon.ico") == 404
    assert get(f"{origin}/callback?code=x&state=guessed") == 400
    assert get(come_back(asked, authority)) == 200
    child.expect("Signed in")
    assert ended(child) == 0


def test_browser_with_the_address_pasted(terminal: Any, authority: Any) -> None:
    child = terminal("--browser", "--browser-command", "true")
    asked = visited(child)
    child.expect("paste the address")
    child.sendline(come_back(asked, authority))
    child.expect("Signed in")
    assert ended(child) == 0


def test_an_answer_of_another_server_is_refused(terminal: Any, authority: Any) -> None:
    child = terminal("--browser", "--browser-command", "true")
    asked = visited(child)
    get(come_back(asked, authority, iss="https://evil.example"))
    child.expect("does not come from the server")
    assert ended(child) == 1
    assert authority.count("authorization_code") == 0


def test_a_refusal_in_the_browser_is_told_in_the_terminal(terminal: Any, authority: Any) -> None:
    child = terminal("--browser", "--browser-command", "true")
    asked = visited(child)
    get(come_back(asked, authority, error="access_denied", error_description="Not\x1b[31m today"))
    child.expect(r"Not \[31m today")
    assert ended(child) == 6


def test_ctrl_c_at_a_chosen_browser_means_the_next_way(terminal: Any, authority: Any) -> None:
    child = terminal(DISPLAY=":0", BROWSER="true")
    visited(child)
    child.expect("paste the address")
    child.sendintr()
    child.expect("verification code: ")
    child.sendline("WQ7K-3MPX")
    child.expect("Signed in")
    assert ended(child) == 0


def test_over_ssh_the_remote_way_is_chosen(terminal: Any) -> None:
    child = terminal(DISPLAY=":0", SSH_CONNECTION="10.0.0.1 1 10.0.0.2 22")
    child.expect("verification code: ")


@pytest.mark.parametrize(
    ("arguments", "lines"),
    [
        (("--password",), [("User name: ", None)]),
        (("--password",), [("User name: ", "alice"), ("Password: ", None)]),
        (
            ("--password", "-u", "alice"),
            [("Password: ", "correct horse battery"), ("New password: ", None)],
        ),
        (
            ("--password", "-u", "alice"),
            [
                ("Password: ", "correct horse battery"),
                ("New password: ", "longer this time"),
                ("Once more: ", None),
            ],
        ),
        (("--remote",), [("verification code: ", None)]),
        (("--browser", "--browser-command", "true"), [("paste the address", None)]),
    ],
)
def test_ctrl_c_at_each_prompt_ends_with_130_and_writes_nothing(
    terminal: Any,
    authority: Any,
    person: Any,
    arguments: tuple[str, ...],
    lines: list[tuple[str, str | None]],
) -> None:
    authority.temporary.add("alice")
    child = terminal(*arguments)
    for prompt, typed in lines:
        child.expect(prompt)
        if typed is not None:
            child.sendline(typed)
    assert interrupted(child) == CTRL_C
    assert "Traceback" not in child.before
    assert not list(person.state.rglob("*.json"))
    assert not (person.home / ".config").exists()


def test_end_of_input_at_a_prompt_is_an_end_too(terminal: Any) -> None:
    child = terminal("--password")
    child.expect("User name: ")
    child.sendeof()
    assert ended(child) == CTRL_C
