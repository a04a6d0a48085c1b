"""The errors of the server, one small tree.

    Refusal
    ├── NotAllowed(reason)       the person may not; the reason may be shown to them
    ├── NotFound(what)           no such thing, or hidden from the one who asks
    ├── Conflict(what)           the state of the world is against it
    ├── Invalid(field, reason)   the input is wrong in one named field
    ├── TooMany(retry_after)     throttled
    └── Unavailable(what)        our own trouble, or a cluster's; worth trying again

Adapters translate foreign exceptions into these with ``raise ... from error``. One table a door
turns them into a problem body, a page or an OAuth error value. Messages never hold a secret.
"""

from collections.abc import Sequence
from datetime import timedelta


class Refusal(Exception):
    """What every door knows how to answer."""


class NotAllowed(Refusal):
    """The person may not do this. ``grantors`` are handles of those who could give it to them."""

    def __init__(self, reason: str, *, grantors: Sequence[str] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.grantors = tuple(grantors)


class NotFound(Refusal):
    """There is no such thing, or the one who asks may not know of it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Conflict(Refusal):
    """The state of the world is against it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Invalid(Refusal):
    """One named field of the input is wrong."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class TooMany(Refusal):
    """Throttled; worth trying again after ``retry_after``."""

    def __init__(self, retry_after: timedelta) -> None:
        super().__init__(f"try again in {retry_after.total_seconds():.0f} s")
        self.retry_after = retry_after


class Unavailable(Refusal):
    """Our own trouble, or a cluster's; worth trying again."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what
