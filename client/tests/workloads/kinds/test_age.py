from datetime import UTC, datetime, timedelta

import pytest

from labpass.workloads.kinds import age

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-5), "0s"),
        (timedelta(seconds=119), "119s"),
        (timedelta(minutes=2), "2m"),
        (timedelta(minutes=179), "179m"),
        (timedelta(hours=3), "3h"),
        (timedelta(hours=47), "47h"),
        (timedelta(days=2), "2d"),
        (timedelta(days=400), "400d"),
    ],
)
def test_how_long_ago(passed: timedelta, words: str) -> None:
    assert age.spell(NOW - passed, NOW) == words


def test_a_time_that_is_not_known_is_nothing() -> None:
    assert not age.spell(None, NOW)
