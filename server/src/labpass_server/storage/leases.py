"""Leases: which replica may do a thing that only one at a time may do."""

from datetime import datetime

import sqlalchemy as sa

from labpass_server.storage.schema.access import leases


class Leases:
    """The table of leases."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def acquire(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """Take or prolong a lease; ``False`` when another holds it still.

        One statement takes a lease that has lapsed, so of two replicas one wins. Two that make the
        row for the first time meet in its key, and the loser gets `Conflict`. A lease that ends
        later than twice this long was written by a clock that has been set back since: without that
        nobody would work until the clock has come there again.
        """
        is_free = sa.or_(
            leases.c.holder == holder,
            leases.c.expires_at <= now,
            leases.c.expires_at > until + (until - now),
        )
        taken = self._connection.execute(
            leases.update()
            .where(leases.c.name == name, is_free)
            .values(holder=holder, expires_at=until)
        )
        if taken.rowcount:
            return True
        if self._connection.execute(sa.select(leases).where(leases.c.name == name)).first():
            return False
        self._connection.execute(leases.insert().values(name=name, holder=holder, expires_at=until))
        return True

    def release(self, name: str, holder: str) -> None:
        """Let go of a lease, if it is still one's own."""
        self._connection.execute(
            leases.delete().where(leases.c.name == name, leases.c.holder == holder)
        )
