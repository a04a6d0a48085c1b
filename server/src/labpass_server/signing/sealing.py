"""Sealing: what a thief of the database must not read, under a key that is not in it.

ChaCha20-Poly1305 with a random nonce in front. ``purpose`` is authenticated, so a sealed row moved
into another place does not open there.
"""

from typing import Final

from cryptography import exceptions
from cryptography.hazmat.primitives.ciphers import aead

from labpass_server.kit import random
from labpass_server.model import errors

_NONCE: Final = 12


class Sealer:
    """Seals under one 256-bit key."""

    def __init__(self, key: bytes) -> None:
        self._cipher: Final = aead.ChaCha20Poly1305(key)

    def seal(self, plain: bytes, *, purpose: str) -> bytes:
        """Seal; ``purpose`` must be the same at the opening."""
        nonce = random.octets(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, purpose.encode())

    def open(self, sealed: bytes, *, purpose: str) -> bytes:
        """Open what was sealed for the same purpose.

        Raises `Unavailable` for anything else: another sealing key, another purpose, changed bytes.
        """
        nonce, rest = sealed[:_NONCE], sealed[_NONCE:]
        try:
            return self._cipher.decrypt(nonce, rest, purpose.encode())
        except (exceptions.InvalidTag, ValueError) as error:
            raise errors.Unavailable(f"the sealed {purpose}: not ours to open") from error
