from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass_server.model.throttling import ALLOWANCES, Counter, Limit, now_is, wait

NOW = datetime(2026, 11, 2, tzinfo=UTC)


@pytest.mark.parametrize("limit", Limit)
def test_the_first_ones_are_free(limit: Limit) -> None:
    free = ALLOWANCES[limit].free
    assert wait(limit, Counter(failures=free - 1, failed_at=NOW), NOW) == timedelta(0)
    assert wait(limit, Counter(failures=free, failed_at=NOW), NOW) > timedelta(0)


@given(st.sampled_from(Limit), st.integers(0, 10_000), st.integers(0, 7200))
def test_nobody_is_locked_out_for_good(limit: Limit, failures: int, seconds: int) -> None:
    counter = Counter(failures=failures, failed_at=NOW)
    waited = wait(limit, counter, NOW + timedelta(seconds=seconds))
    assert timedelta(0) <= waited <= ALLOWANCES[limit].longest


@given(st.sampled_from(Limit), st.integers(0, 100))
def test_more_failures_never_wait_less(limit: Limit, failures: int) -> None:
    one = wait(limit, Counter(failures=failures, failed_at=NOW), NOW)
    more = wait(limit, Counter(failures=failures + 1, failed_at=NOW), NOW)
    assert more >= one


def test_an_hour_of_quiet_forgives() -> None:
    counter = Counter(failures=50, failed_at=NOW)
    assert wait(Limit.PAIR, counter, NOW + timedelta(hours=1)) == timedelta(0)


@given(st.integers(0, 60), st.integers(0, 3600), st.integers(0, 3600))
def test_a_steady_counter_forgets_the_same_however_often_it_is_looked_at(
    failures: int, first: int, second: int
) -> None:
    counter = Counter(failures=failures, failed_at=NOW)
    between, end = NOW + timedelta(seconds=first), NOW + timedelta(seconds=first + second)
    at_once = now_is(Limit.ADDRESS, counter, end)
    in_steps = now_is(Limit.ADDRESS, now_is(Limit.ADDRESS, counter, between), end)
    assert at_once.failures == in_steps.failures


def test_a_clock_that_went_back_forgives_nothing() -> None:
    counter = Counter(failures=40, failed_at=NOW)
    assert now_is(Limit.ADDRESS, counter, NOW - timedelta(hours=9)).failures == 40


def test_a_limit_over_everybody_only_slows_down() -> None:
    storm = Counter(failures=1_000_000, failed_at=NOW)
    assert wait(Limit.ALL, storm, NOW) <= timedelta(seconds=2)
