"""A number that grows with every change the reconciler has to see."""

from typing import Final

import sqlalchemy as sa

from labpass_server.storage.schema.access import revisions

_ONLY: Final = 1


class Revisions:
    """The table with the revision."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def current(self) -> int:
        """Return the revision, 0 before the first change."""
        return self._connection.execute(sa.select(revisions.c.number)).scalar() or 0

    def bump(self) -> int:
        """Count a change, in the transaction that makes it, and return the new revision.

        The row is locked until the commit, so a revision names one state of the rules.
        """
        grown: int | None = self._connection.execute(
            revisions.update()
            .where(revisions.c.id == _ONLY)
            .values(number=revisions.c.number + 1)
            .returning(revisions.c.number)
        ).scalar()
        if grown is None:
            self._connection.execute(revisions.insert().values(id=_ONLY, number=1))
        return grown or 1
