"""Ends as people write them."""

from datetime import UTC, datetime, timedelta

import pytest

from labpass.commands import moments
from labpass.problems import UsageProblem

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("8h", timedelta(hours=8)),
        ("+30d", timedelta(days=30)),
        ("2w", timedelta(weeks=2)),
        ("15m", timedelta(minutes=15)),
    ],
)
def test_a_span_counts_from_now(text: str, span: timedelta) -> None:
    assert moments.parse(text, NOW) == NOW + span


def test_a_moment_keeps_its_zone() -> None:
    assert moments.parse("2026-12-31T18:00:00+02:00", NOW) == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_a_date_means_its_last_second() -> None:
    found = moments.parse("2026-12-31", NOW).astimezone()
    assert (found.day, found.hour, found.minute) == (31, 23, 59)


@pytest.mark.parametrize("text", ["", "soon", "30", "-3d", "2026-13-01", "99999999d"])
def test_what_is_no_end_is_refused(text: str) -> None:
    with pytest.raises(UsageProblem, match="no end"):
        moments.parse(text, NOW)
