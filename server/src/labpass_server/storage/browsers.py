"""Browsers that people have signed in with."""

from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from labpass_server.model import person as persons
from labpass_server.model import session as model
from labpass_server.storage import people as people_rows
from labpass_server.storage.schema.identity import browsers, people


class Browsers:
    """The table of browser sessions, each by the hash of its cookie."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, cookie_hash: bytes, browser: model.Browser) -> None:
        """Add one."""
        self._connection.execute(
            browsers.insert(),
            {
                "hash": cookie_hash,
                "id": browser.id,
                "person_id": browser.person.id,
                "authenticated_at": browser.authenticated_at,
                "seen_at": browser.seen_at,
                "expires_at": browser.expires_at,
            },
        )

    def find(self, cookie_hash: bytes) -> model.Browser | None:
        """Return one with its person, over or not."""
        statement = (
            sa.select(*_BROWSER, *people_rows.COLUMNS)
            .select_from(browsers.join(people, browsers.c.person_id == people.c.id))
            .where(browsers.c.hash == cookie_hash)
        )
        row = self._connection.execute(statement).one_or_none()
        return None if row is None else _browser(row)

    def see(self, browser_id: model.BrowserId, now: datetime) -> None:
        """Note that it was used."""
        self._connection.execute(
            browsers.update().where(browsers.c.id == browser_id).values(seen_at=now)
        )

    def remove(self, cookie_hash: bytes) -> None:
        """Forget one."""
        self._connection.execute(browsers.delete().where(browsers.c.hash == cookie_hash))

    def remove_all(self, person_id: persons.PersonId) -> None:
        """Forget all of a person's."""
        self._connection.execute(browsers.delete().where(browsers.c.person_id == person_id))


# Without person_id, which is also the label of the person's own id.
_BROWSER: Final = (
    browsers.c.id,
    browsers.c.authenticated_at,
    browsers.c.seen_at,
    browsers.c.expires_at,
)


def _browser(row: sa.Row[*tuple[Any, ...]]) -> model.Browser:
    return model.Browser(
        id=row.id,
        person=people_rows.row_person(row),
        authenticated_at=row.authenticated_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
    )
