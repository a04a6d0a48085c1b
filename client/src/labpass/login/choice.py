"""Which way to sign in, from what is known of the machine. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from labpass.problems import UsageProblem

WAYS: Final = (
    "Say which way: --browser, --remote, or --password-stdin with --username. "
    "A program without a terminal uses the last one."
)


class Method(StrEnum):
    """The ways to sign in."""

    BROWSER = "browser"
    REMOTE = "remote"
    PASSWORD = "password"  # noqa: S105 -- the name of a way, not a password


def choose(environment: Mapping[str, str], *, platform: str, is_terminal: bool) -> Method:
    """Return the way likely to work here. Raises `UsageProblem` where nobody is watching."""
    if not is_terminal or environment.get("CI"):
        raise UsageProblem("Nobody can answer here: this is no terminal.", hint=WAYS)
    return Method.BROWSER if has_browser(environment, platform) else Method.REMOTE


def has_browser(environment: Mapping[str, str], platform: str) -> bool:
    """True where a browser can be expected on this very machine."""
    if environment.get("SSH_CONNECTION") or environment.get("container"):
        return False
    if platform in {"darwin", "win32"}:
        return True
    return any(
        environment.get(name)
        for name in ("DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "BROWSER")
    )
