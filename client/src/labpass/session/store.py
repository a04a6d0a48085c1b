"""A sign-in on disk: ``sess/<key>.json``, and what is left of one that ended.

The file holds the refresh token and is written before anything that came from a rotation is
shown. A session that the server declared dead leaves a marker, so that people are told whose
session ended, and when.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from labpass.problems import Problem
from labpass.secret import Secret
from labpass.session import files, keys, profiles
from labpass.session.folders import Folders

SPACE: Final = 8192  # more than a session ever needs; reserved before a rotation


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One person's sign-in at one server."""

    issuer: str
    profile: str
    handle: str
    person: str
    token_endpoint: str
    revocation_endpoint: str
    refresh_token: Secret
    signed_in_at: datetime
    access_token: Secret | None = None
    access_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What is known of a session that is over."""

    handle: str
    issuer: str
    at: datetime
    reason: str


def load(folders: Folders, *, issuer: str, profile: str) -> Session | None:
    """Return the sign-in, or None where there is none. Raises `Problem` for an unsafe file."""
    path = _path(folders, issuer, profile)
    raw = files.read(path)
    if raw is None:
        return None
    try:
        return _parse(json.loads(raw), issuer=issuer, profile=profile)
    except (ValueError, KeyError, TypeError) as e:
        hint = f"Sign in again: {profiles.command('login', profile)}"
        raise Problem(f"{path} is damaged.", hint=hint) from e


@contextmanager
def saving(folders: Folders, *, issuer: str, profile: str) -> Iterator["Saving"]:
    """Take the space to save a session before its token is rotated; see `files.reserved`."""
    with files.reserved(_path(folders, issuer, profile), SPACE) as reserved:
        yield Saving(reserved)


class Saving:
    """A place where one session can be saved."""

    def __init__(self, reserved: files.Reserved) -> None:
        self._reserved = reserved

    def save(self, session: Session) -> None:
        """Put the session in place."""
        self._reserved.commit(json.dumps(_render(session)).encode())


def save(folders: Folders, session: Session) -> None:
    """Save a fresh sign-in; what an earlier one left behind is forgotten."""
    with saving(folders, issuer=session.issuer, profile=session.profile) as place:
        place.save(session)
    files.remove(_marker(folders, session.issuer, session.profile))


def end(folders: Folders, session: Session, *, now: datetime, reason: str) -> None:
    """Delete a session and remember that it was there."""
    left = {
        "handle": session.handle,
        "issuer": session.issuer,
        "at": now.isoformat(),
        "reason": reason,
    }
    files.remove(_path(folders, session.issuer, session.profile))
    files.write(_marker(folders, session.issuer, session.profile), json.dumps(left).encode())


def find_ended(folders: Folders, *, issuer: str, profile: str) -> Ended | None:
    """Return what a dead session left, if it is readable."""
    raw = files.read(_marker(folders, issuer, profile))
    try:
        left = json.loads(raw or b"null")
        return left and Ended(
            handle=str(left["handle"]),
            issuer=str(left["issuer"]),
            at=datetime.fromisoformat(left["at"]),
            reason=str(left["reason"]),
        )
    except (ValueError, KeyError, TypeError):
        return None


def delete(folders: Folders, *, issuer: str, profile: str) -> None:
    """Forget a sign-in altogether."""
    files.remove(_path(folders, issuer, profile))
    files.remove(_marker(folders, issuer, profile))


def known(folders: Folders) -> list[tuple[str, str]]:
    """Return issuer and profile of every sign-in here, sorted; what cannot be read is left out."""
    found = set()
    for path in folders.sessions.glob("*.json"):
        with suppress(Problem, ValueError, KeyError, TypeError):
            held = json.loads(files.read(path) or b"null")
            found.add((str(held["issuer"]), str(held["profile"])))
    return sorted(found)


def delete_all(folders: Folders) -> None:
    """Forget every sign-in altogether."""
    for path in folders.sessions.glob("*"):
        files.remove(path)


def lock(folders: Folders, *, issuer: str, profile: str) -> Path:
    """Return the path of the lock that guards this sign-in and every token got with it."""
    return folders.locks / f"{keys.for_session(issuer=issuer, profile=profile)}.lock"


def _path(folders: Folders, issuer: str, profile: str) -> Path:
    return folders.sessions / f"{keys.for_session(issuer=issuer, profile=profile)}.json"


def _marker(folders: Folders, issuer: str, profile: str) -> Path:
    return folders.sessions / f"{keys.for_session(issuer=issuer, profile=profile)}.ended"


def _render(session: Session) -> dict[str, Any]:
    access, until = session.access_token, session.access_expires_at
    return {
        "version": 1,
        "issuer": session.issuer,
        "profile": session.profile,
        "handle": session.handle,
        "person": session.person,
        "token_endpoint": session.token_endpoint,
        "revocation_endpoint": session.revocation_endpoint,
        "refresh_token": session.refresh_token.reveal(),
        "signed_in_at": session.signed_in_at.isoformat(),
        "access_token": access.reveal() if access else None,
        "access_expires_at": until.isoformat() if until else None,
    }


def _parse(found: dict[str, Any], *, issuer: str, profile: str) -> Session:
    if (found["version"], found["issuer"], found["profile"]) != (1, issuer, profile):
        raise ValueError("of another sign-in")
    access, until = found["access_token"], found["access_expires_at"]
    return Session(
        issuer=issuer,
        profile=profile,
        handle=str(found["handle"]),
        person=str(found["person"]),
        token_endpoint=str(found["token_endpoint"]),
        revocation_endpoint=str(found["revocation_endpoint"]),
        refresh_token=Secret(found["refresh_token"]),
        signed_in_at=datetime.fromisoformat(found["signed_in_at"]),
        access_token=Secret(access) if access else None,
        access_expires_at=datetime.fromisoformat(until) if until else None,
    )
