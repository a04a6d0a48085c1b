"""Authorization codes: kept by their hash, redeemed once."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from labpass_server.model import person as persons
from labpass_server.model import session as model
from labpass_server.storage import authorizations
from labpass_server.storage.schema.identity import codes


class Codes:
    """The table of codes."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, code_hash: bytes, code: model.Code) -> None:
        """Add one."""
        self._connection.execute(
            codes.insert(),
            {
                "hash": code_hash,
                "authorization": authorizations.dump(code.authorization),
                "person_id": code.person_id,
                "browser_id": code.browser_id,
                "authenticated_at": code.authenticated_at,
                "expires_at": code.expires_at,
            },
        )

    def redeem(
        self, code_hash: bytes, now: datetime, session_id: model.SessionId
    ) -> model.Code | None:
        """Use the code up; of any number who try at once exactly one gets it.

        ``session_id`` is noted in the same statement, so a second use finds what to end.
        """
        statement = (
            codes.update()
            .where(codes.c.hash == code_hash, codes.c.used_at.is_(None))
            .values(used_at=now, session_id=session_id)
            .returning(*codes.c)
        )
        return _code(self._connection.execute(statement).one_or_none())

    def find(self, code_hash: bytes) -> model.Code | None:
        """Return the code, used or not."""
        statement = sa.select(codes).where(codes.c.hash == code_hash)
        return _code(self._connection.execute(statement).one_or_none())

    def withdraw(self, code_hash: bytes, now: datetime) -> bool:
        """Make the code useless; tell whether it was not used yet."""
        return self._withdraw(codes.c.hash == code_hash, now) > 0

    def withdraw_all(self, person_id: persons.PersonId, now: datetime) -> None:
        """Make all of a person's codes useless."""
        self._withdraw(codes.c.person_id == person_id, now)

    def withdraw_of_browser(self, browser_id: model.BrowserId, now: datetime) -> None:
        """Make all codes useless that one browser's session got."""
        self._withdraw(codes.c.browser_id == browser_id, now)

    def _withdraw(self, which: sa.ColumnElement[bool], now: datetime) -> int:
        statement = (
            codes.update()
            .where(which, codes.c.used_at.is_(None))
            .values(used_at=now)
            .returning(codes.c.hash)
        )
        return len(self._connection.execute(statement).all())


def _code(row: sa.Row[*tuple[Any, ...]] | None) -> model.Code | None:
    if row is None:
        return None
    return model.Code(
        authorization=authorizations.load(row.authorization),
        person_id=persons.PersonId(row.person_id),
        browser_id=row.browser_id,
        authenticated_at=row.authenticated_at,
        expires_at=row.expires_at,
        used_at=row.used_at,
        session_id=row.session_id,
    )
