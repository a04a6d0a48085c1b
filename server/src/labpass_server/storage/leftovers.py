"""What is over and only takes up room, or is a risk to keep."""

from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from labpass_server.storage.schema import identity as tables

KEPT: Final = timedelta(days=1)
"""How long what is over stays, so that late reuse is still known for what it is."""


class Leftovers:
    """Removes them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def forget_salts(self, used_before: datetime) -> None:
        """Erase what successors of refresh tokens are made of, once the grace is over."""
        tokens = tables.refresh_tokens
        self._connection.execute(
            tokens.update()
            .where(tokens.c.used_at < used_before, tokens.c.salt.is_not(None))
            .values(salt=None)
        )

    def remove(self, now: datetime) -> None:
        """Remove what is over; codes and sessions a day later."""
        for table in (
            tables.access_tokens,
            tables.sign_ins,
            tables.remote_codes,
            tables.browsers,
            tables.devices,
        ):
            self._connection.execute(table.delete().where(table.c.expires_at < now))
        before = now - KEPT
        self._connection.execute(tables.codes.delete().where(tables.codes.c.expires_at < before))
        over = sa.select(tables.sessions.c.id).where(tables.sessions.c.expires_at < before)
        for tokens in (tables.refresh_tokens, tables.access_tokens, tables.entries):
            self._connection.execute(tokens.delete().where(tokens.c.session_id.in_(over)))
        self._connection.execute(
            tables.sessions.delete().where(tables.sessions.c.expires_at < before)
        )
        self._connection.execute(
            tables.throttle.delete().where(tables.throttle.c.failed_at < before)
        )
