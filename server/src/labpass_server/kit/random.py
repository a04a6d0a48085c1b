"""The only file of the server that asks the system for randomness."""

import base64
import secrets
from typing import Final

UNAMBIGUOUS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Thirty-two letters and digits nobody confuses when reading aloud: no I, O, 0 or 1."""


def token() -> str:
    """Return 256 bits as 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def identifier(length: int = 16) -> str:
    """Return an opaque lower-case id of ``length`` characters, five bits each."""
    octets_needed = (length * 5 + 7) // 8
    return base64.b32encode(secrets.token_bytes(octets_needed)).decode()[:length].lower()


def spoken(length: int = 8) -> str:
    """Return ``length`` unambiguous characters, five bits each, for a person to read and type."""
    return "".join(secrets.choice(UNAMBIGUOUS) for _ in range(length))


def octets(length: int) -> bytes:
    """Return ``length`` random bytes, for nonces and keys."""
    return secrets.token_bytes(length)
