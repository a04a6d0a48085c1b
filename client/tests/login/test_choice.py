import stat
from pathlib import Path

import pytest

from labpass.login import choice, launcher, wire
from labpass.login.choice import Method
from labpass.problems import UsageProblem


@pytest.mark.parametrize(
    ("environment", "platform", "method"),
    [
        ({"DISPLAY": ":0"}, "linux", Method.BROWSER),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", Method.BROWSER),
        ({"WSL_DISTRO_NAME": "Debian"}, "linux", Method.BROWSER),
        ({"BROWSER": "firefox"}, "linux", Method.BROWSER),
        ({}, "linux", Method.REMOTE),
        ({}, "darwin", Method.BROWSER),
        ({}, "win32", Method.BROWSER),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "a 1 b 2"}, "linux", Method.REMOTE),
        ({"SSH_CONNECTION": "a 1 b 2"}, "darwin", Method.REMOTE),
        ({"DISPLAY": ":0", "container": "podman"}, "linux", Method.REMOTE),
    ],
)
def test_the_way_that_works_here(
    environment: dict[str, str], platform: str, method: Method
) -> None:
    assert choice.choose(environment, platform=platform, is_terminal=True) is method


@pytest.mark.parametrize(("environment", "is_terminal"), [({}, False), ({"CI": "1"}, True)])
def test_nobody_there_fails_at_once(environment: dict[str, str], is_terminal: bool) -> None:  # noqa: FBT001 -- a parameter of the table
    with pytest.raises(UsageProblem) as told:
        choice.choose(environment, platform="linux", is_terminal=is_terminal)
    assert "--password-stdin" in told.value.hint


def test_the_given_browser_wins_and_its_chatter_is_kept_away(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho chatter; echo chatter >&2; echo "$1" > {tmp_path}/seen\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    environment = {"PATH": "/bin:/usr/bin", "BROWSER": "false"}
    started = launcher.launch(
        "https://a.example/?b=1&c=$(id)",
        environment=environment,
        platform="linux",
        command=str(program),
    )
    assert started is not None
    assert started.wait(10) == 0
    assert (tmp_path / "seen").read_text() == "https://a.example/?b=1&c=$(id)\n"
    assert capfd.readouterr() == ("", "")


def test_no_browser_is_no_failure() -> None:
    for environment in ({"PATH": "/nowhere"}, {"BROWSER": "/no/such/program"}):
        started = launcher.launch("https://a", environment=environment, platform="linux")
        assert started is None


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": "http://p:3128"}, "http://p:3128"),
        ({"https_proxy": "p:3128"}, "p:3128"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "other.example"}, "http://p"),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "login.example"}, None),
        ({"HTTPS_PROXY": "http://p", "no_proxy": "x, .example"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "*"}, None),
        ({"HTTPS_PROXY": "http://p", "NO_PROXY": "gin.example"}, "http://p"),
    ],
)
def test_proxies(environment: dict[str, str], proxy: str | None) -> None:
    assert wire.proxy_for("https://login.example", environment) == proxy
