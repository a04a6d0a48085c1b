"""What can happen, of access: the kinds of its events, and one way to append them."""

from datetime import datetime
from enum import StrEnum

from labpass_server.access.caller import Caller
from labpass_server.access.ports import Transaction
from labpass_server.model import event


class Kind(StrEnum):
    """What can happen."""

    CLUSTER_ADDED = "cluster.added"
    CLUSTER_REMOVED = "cluster.removed"
    CLUSTER_CONNECTED = "cluster.connected"
    CLUSTER_DISCONNECTED = "cluster.disconnected"
    CLUSTER_BUNDLED = "cluster.bundled"
    PROJECT_ADDED = "project.added"
    PROJECT_CHANGED = "project.changed"
    PROJECT_REMOVED = "project.removed"
    RULE_GRANTED = "rule.granted"
    RULE_CHANGED = "rule.changed"
    RULE_WITHDRAWN = "rule.withdrawn"
    ACCESS_REFUSED = "access.refused"


def append(
    tx: Transaction, caller: Caller, kind: Kind, subject: str, *, now: datetime, **detail: str
) -> None:
    """Append what the caller did, in the transaction that does it."""
    tx.events.add(
        event.Event(
            at=now,
            kind=kind,
            actor=caller.handle,
            subject=subject,
            address=caller.address,
            detail=detail,
        )
    )
