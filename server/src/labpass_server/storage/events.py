"""Events, appended; there is no way to change or remove one."""

import json
from collections.abc import Sequence

import sqlalchemy as sa

from labpass_server.model import event as model
from labpass_server.storage.schema.identity import events


class Events:
    """The table of events."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, event: model.Event) -> None:
        """Append one."""
        self._connection.execute(
            events.insert(),
            {
                "at": event.at,
                "kind": event.kind,
                "actor": event.actor,
                "subject": event.subject,
                "address": event.address,
                "detail": json.dumps(dict(event.detail)),
            },
        )

    def latest(self, limit: int) -> Sequence[model.Event]:
        """Return the last ones, newest first."""
        rows = self._connection.execute(sa.select(events).order_by(events.c.id.desc()).limit(limit))
        return [
            model.Event(
                at=row.at,
                kind=row.kind,
                actor=row.actor,
                subject=row.subject,
                address=row.address,
                detail=json.loads(row.detail),
            )
            for row in rows
        ]
