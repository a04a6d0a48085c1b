"""A person, as everything below the doors knows one."""

from dataclasses import dataclass
from datetime import datetime
from typing import NewType

from labpass_server.model.handle import Handle

PersonId = NewType("PersonId", str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who can sign in. ``id`` is opaque and becomes ``sub``; the e-mail is an attribute."""

    id: PersonId
    handle: Handle
    display_name: str
    email: str | None
    is_disabled: bool
    password_is_temporary: bool
    created_at: datetime
