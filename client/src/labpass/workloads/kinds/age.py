"""How long ago, as short as kubectl says it."""

from datetime import datetime, timedelta
from typing import Final

_UNITS: Final = (
    ("d", timedelta(days=1), timedelta(days=2)),
    ("h", timedelta(hours=1), timedelta(hours=3)),
    ("m", timedelta(minutes=1), timedelta(minutes=2)),
)


def spell(since: datetime | None, now: datetime) -> str:
    """Return the time between as one number and unit; empty where ``since`` is not known.

    A unit is used from where one of it no longer hides too much: 90s, 150m, 47h, 3d.
    """
    if since is None:
        return ""
    passed = max(now - since, timedelta())
    for letter, unit, least in _UNITS:
        if passed >= least:
            return f"{passed // unit}{letter}"
    return f"{int(passed.total_seconds())}s"
