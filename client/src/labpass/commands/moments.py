"""Ends as people write them: ``30d``, ``8h``, ``2026-12-31``, ``2026-12-31T18:00``."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from labpass.problems import UsageProblem

_SPAN: Final = re.compile(r"\+?(\d{1,5})([mhdw])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse(text: str, now: datetime) -> datetime:
    """Return the moment, aware. A date means its last second where the person sits."""
    span = _SPAN.fullmatch(text)
    if span is not None:
        return now + timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        return _moment(text).astimezone(UTC)
    except ValueError as e:
        raise UsageProblem(
            f"{text!r} is no end.", hint="30d, 8h, 2026-12-31 or 2026-12-31T18:00"
        ) from e


def _moment(text: str) -> datetime:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return datetime.combine(date.fromisoformat(text), time(23, 59, 59))
    return datetime.fromisoformat(text)
