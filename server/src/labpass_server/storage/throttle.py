"""Counters of failed attempts, shared by all replicas."""

from typing import Final

import sqlalchemy as sa

from labpass_server.model.throttling import Counter
from labpass_server.storage.schema.identity import throttle

_MAKE: Final = sa.text(
    "INSERT INTO throttle (key, failures, failed_at) VALUES (:key, 0, 0) ON CONFLICT DO NOTHING"
)


class Throttle:
    """The table of counters, each by the hash of what it counts."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def hold(self, key: bytes) -> Counter:
        """Return one, held until the transaction ends: attempts at once are counted one by one."""
        self._connection.execute(_MAKE, {"key": key})
        row = self._connection.execute(
            sa.select(throttle.c.failures, throttle.c.failed_at)
            .where(throttle.c.key == key)
            .with_for_update()
        ).one()
        return Counter(failures=row.failures, failed_at=row.failed_at)

    def save(self, key: bytes, counter: Counter) -> None:
        """Write one that is held."""
        self._connection.execute(
            throttle.update()
            .where(throttle.c.key == key)
            .values(failures=counter.failures, failed_at=counter.failed_at)
        )

    def remove(self, key: bytes) -> None:
        """Forget one."""
        self._connection.execute(throttle.delete().where(throttle.c.key == key))

    def forgive(self, key: bytes) -> None:
        """Take one attempt back that turned out well."""
        self._connection.execute(
            throttle.update()
            .where(throttle.c.key == key, throttle.c.failures > 0)
            .values(failures=throttle.c.failures - 1)
        )
