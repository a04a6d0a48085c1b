"""Browsers and places from which their owner has signed in before: throttled by themselves."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa

from labpass_server.model import person as persons
from labpass_server.storage.schema.identity import devices, people

_MAKE: Final = sa.text(
    "INSERT INTO devices (hash, person_id, expires_at) VALUES (:mark, :person_id, 0)"
    " ON CONFLICT DO NOTHING"
)


class Devices:
    """The table of them: a browser by the hash of its cookie, a place by name and address."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def remember(self, mark: bytes, person_id: persons.PersonId, expires_at: datetime) -> None:
        """Add one, or remember it for longer; two who do so at once do not disturb each other."""
        self._connection.execute(_MAKE, {"mark": mark, "person_id": person_id})
        self._connection.execute(
            devices.update()
            .where(devices.c.hash == mark, devices.c.person_id == person_id)
            .values(expires_at=expires_at)
        )

    def knows(self, mark: bytes, handle: str, now: datetime) -> bool:
        """Tell whether the person with this handle has used it before."""
        statement = (
            sa.select(devices.c.hash)
            .select_from(devices.join(people, devices.c.person_id == people.c.id))
            .where(
                devices.c.hash == mark,
                people.c.handle == handle,
                devices.c.expires_at > now,
            )
        )
        return self._connection.execute(statement).one_or_none() is not None

    def forget_all(self, person_id: persons.PersonId) -> None:
        """Forget all of a person's."""
        self._connection.execute(devices.delete().where(devices.c.person_id == person_id))
