from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from labpass.session import demand
from labpass.session.demand import Allowed, NotNow
from labpass.session.folders import Folders

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
FINE: dict[str, Any] = {
    "is_interactive": True,
    "is_terminal": True,
    "environment": {},
    "last_failure": None,
    "now": NOW,
}


def test_allowed_where_somebody_is_watching() -> None:
    assert isinstance(demand.decide(**FINE), Allowed)


@pytest.mark.parametrize(
    "change",
    [
        {"is_interactive": False},
        {"is_terminal": False},
        {"environment": {"CI": "true"}},
        {"environment": {"LABPASS_LOGIN_ON_DEMAND": "0"}},
        {"last_failure": NOW - timedelta(minutes=9)},
        {"last_failure": NOW},
    ],
)
def test_each_single_reason_is_enough_to_stay_away(change: dict[str, Any]) -> None:
    assert isinstance(demand.decide(**{**FINE, **change}), NotNow)


@pytest.mark.parametrize("ago", [timedelta(minutes=10), -timedelta(hours=1)])
def test_a_failure_long_ago_or_of_a_wrong_clock_does_not_count(ago: timedelta) -> None:
    assert isinstance(demand.decide(**{**FINE, "last_failure": NOW - ago}), Allowed)


def test_a_failure_is_remembered_until_a_success(tmp_path: Path) -> None:
    folders = Folders(config=tmp_path, state=tmp_path)
    where = {"issuer": "https://a", "profile": "default"}
    assert demand.last_failure(folders, **where) is None
    demand.note_failure(folders, **where, now=NOW)
    assert demand.last_failure(folders, **where) == NOW
    assert demand.last_failure(folders, issuer="https://b", profile="default") is None
    demand.note_success(folders, **where)
    assert demand.last_failure(folders, **where) is None
