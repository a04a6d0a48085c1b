"""Which cached tokens were got with which sign-in, so that ending one leaves the others alone.

``sess/<key>.tokens`` holds one credential key a line. It is written before the token that it names,
and only where the sign-in's lock is held: no token is ever cached that nobody could find again.
"""

import re
from pathlib import Path
from typing import Final

from labpass.problems import Problem
from labpass.session import credentials, files, keys, reached
from labpass.session.folders import Folders
from labpass.session.keys import CredentialKey

KEY: Final = re.compile(r"[0-9a-f]{64}")


def note(folders: Folders, key: CredentialKey, *, issuer: str, profile: str) -> None:
    """Remember that ``key`` is cached for this sign-in. Raises `files.CannotWrite`."""
    known = _known(folders, issuer, profile)
    if key not in known:
        lines = "\n".join([*known, key])
        files.write(_path(folders, issuer, profile), lines.encode())


def forget(folders: Folders, *, issuer: str, profile: str) -> None:
    """Delete every token cached for this sign-in, the list of them, and where they lead."""
    for key in _known(folders, issuer, profile):
        credentials.delete(folders, key)
    files.remove(_path(folders, issuer, profile))
    reached.forget(folders, issuer=issuer, profile=profile)


def _known(folders: Folders, issuer: str, profile: str) -> list[CredentialKey]:
    """Return what was noted; a list that is damaged or not ours names nothing."""
    try:
        raw = files.read(_path(folders, issuer, profile)) or b""
    except Problem:
        return []
    lines = raw.decode("ascii", errors="replace").split()
    return [CredentialKey(line) for line in lines if KEY.fullmatch(line)]


def _path(folders: Folders, issuer: str, profile: str) -> Path:
    return folders.sessions / f"{keys.for_session(issuer=issuer, profile=profile)}.tokens"
