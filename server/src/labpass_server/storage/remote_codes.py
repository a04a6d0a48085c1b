"""Short codes that a person carries from a browser to another machine."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from labpass_server.model import session as model
from labpass_server.storage.schema.identity import remote_codes

TRIES: Final = 5


class RemoteCodes:
    """Which short code belongs to which PKCE challenge, and how often somebody guessed."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, challenge: str, code: model.RemoteCode) -> None:
        """Add one; a challenge that was answered before raises `Conflict`."""
        self._connection.execute(
            remote_codes.insert(),
            {
                "challenge": challenge,
                "code_hash": code.code_hash,
                "cancel_hash": code.cancel_hash,
                "tries": 0,
                "expires_at": code.expires_at,
            },
        )

    def attempt(self, challenge: str) -> bytes | None:
        """Count an attempt and return the hash to compare with; ``None`` when they are used up."""
        statement = (
            remote_codes.update()
            .where(remote_codes.c.challenge == challenge, remote_codes.c.tries < TRIES)
            .values(tries=remote_codes.c.tries + 1)
            .returning(remote_codes.c.code_hash)
        )
        return self._connection.execute(statement).scalar_one_or_none()

    def cancel(self, cancel_hash: bytes, now: datetime) -> bytes | None:
        """Use up all attempts at one and return the hash of its code; ``None`` if it is over."""
        statement = (
            remote_codes.update()
            .where(remote_codes.c.cancel_hash == cancel_hash, remote_codes.c.expires_at > now)
            .values(tries=TRIES)
            .returning(remote_codes.c.code_hash)
        )
        return self._connection.execute(statement).scalar_one_or_none()
