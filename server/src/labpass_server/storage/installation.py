"""This installation: its id, and the one-time set-up link until somebody has used it."""

from datetime import datetime

import sqlalchemy as sa

from labpass_server.storage.schema.identity import installation

_ONLY = 1


class Installation:
    """The table with one row."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def begin(self, installation_id: str, set_up_hash: bytes, now: datetime) -> None:
        """Write the row; of two replicas that begin at once one gets `Conflict`."""
        self._connection.execute(
            installation.insert(),
            {"only": _ONLY, "id": installation_id, "set_up_hash": set_up_hash, "created_at": now},
        )

    def find(self) -> str | None:
        """Return the id, once there is one."""
        return self._connection.execute(sa.select(installation.c.id)).scalar()

    def renew_set_up(self, set_up_hash: bytes) -> bool:
        """Replace a set-up link that nobody has used; tell whether there was one to replace."""
        return self._set(installation.c.set_up_used_at.is_(None), set_up_hash=set_up_hash)

    def expects(self, set_up_hash: bytes) -> bool:
        """Tell whether this is the set-up link, and nobody has used it."""
        statement = sa.select(installation.c.id).where(
            installation.c.set_up_hash == set_up_hash, installation.c.set_up_used_at.is_(None)
        )
        return self._connection.execute(statement).scalar() is not None

    def use_set_up(self, set_up_hash: bytes, now: datetime) -> bool:
        """Use the link up; of any number who try at once exactly one is told ``True``."""
        is_ours = installation.c.set_up_hash == set_up_hash
        return self._set(is_ours, installation.c.set_up_used_at.is_(None), set_up_used_at=now)

    def close_set_up(self, now: datetime) -> bool:
        """Make the link useless, because an administrator was made another way."""
        return self._set(installation.c.set_up_used_at.is_(None), set_up_used_at=now)

    def _set(self, *which: sa.ColumnElement[bool], **values: bytes | datetime) -> bool:
        statement = (
            installation.update().where(*which).values(**values).returning(installation.c.id)
        )
        return self._connection.execute(statement).one_or_none() is not None
