"""Which session has had a token for which cluster: only the first one is an event."""

from typing import Final

import sqlalchemy as sa

from labpass_server.model.cluster import ClusterId
from labpass_server.model.session import SessionId

_ENTER: Final = sa.text(
    "INSERT INTO entries (session_id, cluster_id) VALUES (:session_id, :cluster_id)"
    " ON CONFLICT DO NOTHING RETURNING session_id"
)


class Entries:
    """The table of them."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, session_id: SessionId, cluster_id: ClusterId) -> bool:
        """Note it; tell whether it is the first time."""
        given = {"session_id": session_id, "cluster_id": cluster_id}
        return self._connection.execute(_ENTER, given).one_or_none() is not None
