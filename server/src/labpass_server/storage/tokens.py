"""Refresh and access tokens, known by their hash alone.

The statements are built once: at hundreds of refreshes a second building them would cost more
than running them.
"""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from labpass_server.model import session as model
from labpass_server.storage import authorizations, sessions
from labpass_server.storage import people as people_rows
from labpass_server.storage.schema import identity as tables
from labpass_server.storage.schema.identity import access_tokens, people, refresh_tokens

_JOINED: Final = tables.sessions.join(people, tables.sessions.c.person_id == people.c.id)
_FIND_REFRESH: Final = (
    sa.select(
        refresh_tokens.c.generation,
        refresh_tokens.c.used_at,
        refresh_tokens.c.salt,
        *sessions.COLUMNS,
        *people_rows.COLUMNS,
    )
    .select_from(refresh_tokens.join(_JOINED, refresh_tokens.c.session_id == tables.sessions.c.id))
    .where(refresh_tokens.c.hash == sa.bindparam("hash"))
)
_REDEEM: Final = (
    refresh_tokens.update()
    .where(refresh_tokens.c.hash == sa.bindparam("presented"), refresh_tokens.c.used_at.is_(None))
    .values(used_at=sa.bindparam("now"), salt=sa.bindparam("new_salt"))
    .returning(refresh_tokens.c.generation)
)
_FIND_ACCESS: Final = (
    sa.select(
        access_tokens.c.audience,
        access_tokens.c.scope,
        access_tokens.c.expires_at,
        *sessions.COLUMNS,
        *people_rows.COLUMNS,
    )
    .select_from(access_tokens.join(_JOINED, access_tokens.c.session_id == tables.sessions.c.id))
    .where(access_tokens.c.hash == sa.bindparam("hash"))
)
_ADD_REFRESH: Final = refresh_tokens.insert()
_ADD_ACCESS: Final = access_tokens.insert()


class RefreshTokens:
    """The table of refresh tokens. Used ones stay with their session: they betray reuse."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(
        self, token_hash: bytes, session_id: model.SessionId, generation: int, now: datetime
    ) -> None:
        """Add one."""
        self._connection.execute(
            _ADD_REFRESH,
            {
                "hash": token_hash,
                "session_id": session_id,
                "generation": generation,
                "created_at": now,
            },
        )

    def find(self, token_hash: bytes) -> model.RefreshToken | None:
        """Return the token with its session and person."""
        row = self._connection.execute(_FIND_REFRESH, {"hash": token_hash}).one_or_none()
        if row is None:
            return None
        return model.RefreshToken(
            session=sessions.row_session(row),
            person=people_rows.row_person(row),
            generation=row.generation,
            used_at=row.used_at,
            salt=row.salt,
        )

    def redeem(self, token_hash: bytes, now: datetime, salt: bytes) -> bool:
        """Use the token up; of any number who try at once exactly one is told ``True``."""
        row = self._connection.execute(
            _REDEEM, {"presented": token_hash, "now": now, "new_salt": salt}
        ).one_or_none()
        return row is not None


class AccessTokens:
    """The table of access tokens."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, token_hash: bytes, token: model.NewAccessToken) -> None:
        """Add one."""
        self._connection.execute(
            _ADD_ACCESS,
            {
                "hash": token_hash,
                "session_id": token.session_id,
                "audience": token.audience,
                "scope": authorizations.scope_text(token.scope),
                "expires_at": token.expires_at,
            },
        )

    def find(self, token_hash: bytes) -> model.AccessToken | None:
        """Return the token with its session and person."""
        row = self._connection.execute(_FIND_ACCESS, {"hash": token_hash}).one_or_none()
        return None if row is None else _access(row)

    def remove(self, token_hash: bytes) -> None:
        """Forget one."""
        self._connection.execute(access_tokens.delete().where(access_tokens.c.hash == token_hash))


def _access(row: sa.Row[*tuple[Any, ...]]) -> model.AccessToken:
    return model.AccessToken(
        session=sessions.row_session(row),
        person=people_rows.row_person(row),
        audience=row.audience,
        scope=authorizations.scope(row.scope),
        expires_at=row.expires_at,
    )
