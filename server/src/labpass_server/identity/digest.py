"""How secrets of our own making are known at rest: by SHA-256, for they hold 256 random bits."""

import hashlib
import hmac

from labpass.secret import Secret


def of(secret: Secret) -> bytes:
    """Return the hash under which a secret is stored."""
    return hashlib.sha256(secret.reveal().encode()).digest()


def of_spoken(challenge: str, spoken: str) -> bytes:
    """Return the hash of a short code, which means something only with its PKCE challenge."""
    return hashlib.sha256(f"{challenge}.{spoken}".encode()).digest()


def are_equal(one: bytes, other: bytes) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(one, other)
