"""Sessions: begun, found, ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from labpass_server.model import person as persons
from labpass_server.model import session as model
from labpass_server.model.client import ClientId
from labpass_server.storage import authorizations
from labpass_server.storage.schema.identity import sessions

COLUMNS: Final = tuple(column.label(f"session_{column.name}") for column in sessions.c)
"""The columns of one session, named so that a join with other tables stays readable."""


class Sessions:
    """The table of sessions."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, session: model.Session) -> None:
        """Begin one."""
        self._connection.execute(
            sessions.insert(),
            {
                "id": session.id,
                "person_id": session.person_id,
                "client_id": session.client_id,
                "browser_id": session.browser_id,
                "scope": authorizations.scope_text(session.scope),
                "authenticated_at": session.authenticated_at,
                "created_at": session.created_at,
                "expires_at": session.expires_at,
            },
        )

    def of(self, person_id: persons.PersonId) -> Sequence[model.Session]:
        """Return the person's sessions, newest first, over or not."""
        statement = (
            sa.select(*COLUMNS)
            .where(sessions.c.person_id == person_id)
            .order_by(sessions.c.created_at.desc())
        )
        return [row_session(row) for row in self._connection.execute(statement)]

    def end(self, session_id: model.SessionId, now: datetime, because: model.Ending) -> bool:
        """End one with all its tokens; tell whether it was still there to end."""
        return self._end(sessions.c.id == session_id, now, because) > 0

    def end_all(self, person_id: persons.PersonId, now: datetime, because: model.Ending) -> int:
        """End every session of a person; return how many there were."""
        return self._end(sessions.c.person_id == person_id, now, because)

    def end_of_browser(
        self, browser_id: model.BrowserId, now: datetime, because: model.Ending
    ) -> int:
        """End every session that began in one browser's session; return how many there were."""
        return self._end(sessions.c.browser_id == browser_id, now, because)

    def _end(self, which: sa.ColumnElement[bool], now: datetime, because: model.Ending) -> int:
        statement = (
            sessions.update()
            .where(which, sessions.c.ended_at.is_(None))
            .values(ended_at=now, ended_because=because.value)
            .returning(sessions.c.id)
        )
        return len(self._connection.execute(statement).all())


def row_session(row: sa.Row[*tuple[Any, ...]]) -> model.Session:
    """Return the session in a row that has `COLUMNS`."""
    return model.Session(
        id=model.SessionId(row.session_id),
        person_id=persons.PersonId(row.session_person_id),
        client_id=ClientId(row.session_client_id),
        browser_id=None
        if row.session_browser_id is None
        else model.BrowserId(row.session_browser_id),
        scope=authorizations.scope(row.session_scope),
        authenticated_at=row.session_authenticated_at,
        created_at=row.session_created_at,
        expires_at=row.session_expires_at,
        ended_at=row.session_ended_at,
    )
