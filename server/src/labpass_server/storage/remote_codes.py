"""Short codes that a person carries from a browser to another machine."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from labpass_server.storage.schema.identity import remote_codes

TRIES: Final = 5


class RemoteCodes:
    """Which short code belongs to which PKCE challenge, and how often somebody guessed."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, challenge: str, code_hash: bytes, expires_at: datetime) -> None:
        """Add one; a challenge that was answered before raises `Conflict`."""
        self._connection.execute(
            remote_codes.insert(),
            {"challenge": challenge, "code_hash": code_hash, "tries": 0, "expires_at": expires_at},
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
