"""Names of files: hashes of canonical JSON, so they never depend on an order in memory.

A key holds what tells two sign-ins apart and nothing else: a changed flag or CA path is no reason
to sign in again, another profile is.
"""

import hashlib
import json
from typing import NewType

SessionKey = NewType("SessionKey", str)
CredentialKey = NewType("CredentialKey", str)


def for_session(*, issuer: str, profile: str) -> SessionKey:
    """Return 64 hex digits for one sign-in."""
    return SessionKey(_digest([issuer, "labpass", profile]))


def for_credential(*, issuer: str, audience: str, profile: str) -> CredentialKey:
    """Return 64 hex digits for one token; safe as a file name and in a shell script."""
    return CredentialKey(_digest([issuer, audience, profile]))


def _digest(parts: list[str]) -> str:
    canonical = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
