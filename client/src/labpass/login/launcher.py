"""Starts a browser, its output kept from ours: a launcher's chatter would spoil a plugin's JSON."""

import shlex
import shutil
import subprocess
from collections.abc import Mapping
from typing import Final

STARTERS: Final = {
    "darwin": ("open",),
    "win32": ("explorer.exe",),
    "linux": ("wslview", "xdg-open", "sensible-browser"),
}


def launch(
    url: str, *, environment: Mapping[str, str], platform: str, command: str | None = None
) -> "subprocess.Popen[bytes] | None":
    """Ask a browser to open ``url``; returns its process, or None when nothing could be started."""
    chosen = _command(environment, platform, command)
    if not chosen:
        return None
    try:
        return subprocess.Popen(  # noqa: S603 -- the person's own browser, by argument list, no shell
            [*chosen, url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=dict(environment),
        )
    except OSError:
        return None


def _command(environment: Mapping[str, str], platform: str, command: str | None) -> list[str]:
    """Return the program to start: the given one, else $BROWSER, else what the system has."""
    given = command or environment.get("BROWSER", "").split(":")[0]
    if given:
        return _words(given)
    for name in STARTERS.get(platform, STARTERS["linux"]):
        found = shutil.which(name, path=environment.get("PATH"))
        if found:
            return [found]
    return []


def _words(command: str) -> list[str]:
    """Split a command line; one with an open quotation mark starts nothing."""
    try:
        return shlex.split(command)
    except ValueError:
        return []
