"""Events: what happened, appended and never changed. None holds a secret."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What can happen, of identity."""

    SIGNED_IN = "person.signed-in"
    SIGN_IN_FAILED = "person.sign-in-failed"
    SIGNED_OUT = "person.signed-out"
    PASSWORD_CHANGED = "person.password-changed"  # noqa: S105 -- the name of an event
    PASSWORD_RESET = "person.password-reset"  # noqa: S105 -- the name of an event
    PERSON_ADDED = "person.added"
    PERSON_DESCRIBED = "person.described"
    PERSON_DISABLED = "person.disabled"
    PERSON_ENABLED = "person.enabled"
    SESSION_BEGUN = "session.begun"
    SESSION_ENDED = "session.ended"
    TOKEN_REUSED = "session.token-reused"  # noqa: S105 -- the name of an event
    CODE_REUSED = "session.code-reused"
    REMOTE_ANSWERED = "remote.answered"
    REMOTE_CANCELLED = "remote.cancelled"
    CLUSTER_ENTERED = "cluster.entered"
    CANARY_ISSUED = "canary.issued"
    CLIENT_ADDED = "client.added"
    CLIENT_REMOVED = "client.removed"
    KEY_PUBLISHED = "key.published"
    KEY_PROMOTED = "key.promoted"
    KEY_REMOVED = "key.removed"
    INSTALLED = "installation.begun"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. ``kind`` is a dotted word; other rooms have their own."""

    at: datetime
    kind: str
    actor: str | None = None
    subject: str | None = None
    address: str | None = None
    detail: Mapping[str, str] = field(default_factory=dict)
