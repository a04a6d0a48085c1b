"""Browsers that their owner has used before: known ones are spared some of the throttling."""

from datetime import datetime

import sqlalchemy as sa

from labpass_server.model import person as persons
from labpass_server.storage.schema.identity import devices, people


class Devices:
    """The table of browsers that their owner has used before, each by the hash of its cookie."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, cookie_hash: bytes, person_id: persons.PersonId, expires_at: datetime) -> None:
        """Add one."""
        self._connection.execute(
            devices.insert(),
            {"hash": cookie_hash, "person_id": person_id, "expires_at": expires_at},
        )

    def knows(self, cookie_hash: bytes, handle: str, now: datetime) -> bool:
        """Tell whether the person with this handle has used it before."""
        statement = (
            sa.select(devices.c.hash)
            .select_from(devices.join(people, devices.c.person_id == people.c.id))
            .where(
                devices.c.hash == cookie_hash,
                people.c.handle == handle,
                devices.c.expires_at > now,
            )
        )
        return self._connection.execute(statement).one_or_none() is not None
