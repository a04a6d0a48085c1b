"""The one-time values of a sign-in: PKCE (RFC 7636), state and nonce."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from labpass.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What binds an answer to the one who asked. Made fresh for every sign-in."""

    verifier: Secret
    state: str
    nonce: str

    @property
    def challenge(self) -> str:
        """S256 of the verifier."""
        digest = hashlib.sha256(self.verifier.reveal().encode()).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def new() -> Proof:
    """Return fresh values, 256 bits each."""
    return Proof(
        verifier=Secret(secrets.token_urlsafe(32)),
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
    )
