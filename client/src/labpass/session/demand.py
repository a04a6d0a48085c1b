"""Whether a plugin may start a sign-in by itself: the circuit breaker.

A browser opens only where somebody is watching, and after a failure not again for ten minutes:
without this, forty calls of kubectl open forty tabs, and a script opens them all night.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, TypeAlias

from labpass.problems import Problem
from labpass.session import files, keys
from labpass.session.folders import Folders

COOL_DOWN: Final = timedelta(minutes=10)
WAIT: Final = 120.0  # seconds that others wait for the one who signs in


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A sign-in may be started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotNow:
    """It may not; ``reason`` is for the person."""

    reason: str


Decision: TypeAlias = Allowed | NotNow


def decide(
    *,
    is_interactive: bool,
    is_terminal: bool,
    environment: Mapping[str, str],
    last_failure: datetime | None,
    now: datetime,
) -> Decision:
    """Decide whether to sign in within a plugin call. Every condition must hold."""
    if not is_interactive or not is_terminal or environment.get("CI"):
        return NotNow(reason="nobody is watching")
    if environment.get("LABPASS_LOGIN_ON_DEMAND") == "0":
        return NotNow(reason="LABPASS_LOGIN_ON_DEMAND is 0")
    if last_failure is not None and timedelta(0) <= now - last_failure < COOL_DOWN:
        return NotNow(reason="the last sign-in failed less than ten minutes ago")
    return Allowed()


def last_failure(folders: Folders, *, issuer: str, profile: str) -> datetime | None:
    """Return when a sign-in failed last, as far as it is known."""
    with suppress(Problem, ValueError, OverflowError):
        raw = files.read(_path(folders, issuer, profile))
        return datetime.fromtimestamp(int(raw), UTC) if raw else None
    return None


def note_failure(folders: Folders, *, issuer: str, profile: str, now: datetime) -> None:
    """Remember that a sign-in failed; a full disk is no reason to fail again."""
    with suppress(files.CannotWrite):
        files.write(_path(folders, issuer, profile), str(int(now.timestamp())).encode())


def note_success(folders: Folders, *, issuer: str, profile: str) -> None:
    """Close the circuit again."""
    with suppress(files.CannotWrite):
        files.remove(_path(folders, issuer, profile))


def lock(folders: Folders, *, issuer: str, profile: str) -> Path:
    """Return the lock that one sign-in holds while the others wait."""
    return folders.locks / f"{keys.for_session(issuer=issuer, profile=profile)}.login.lock"


def _path(folders: Folders, issuer: str, profile: str) -> Path:
    return folders.sessions / f"{keys.for_session(issuer=issuer, profile=profile)}.failed"
