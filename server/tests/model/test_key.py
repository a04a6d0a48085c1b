from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from labpass_server.model import key
from labpass_server.model.cluster import Algorithm

START = datetime(2026, 11, 2, tzinfo=UTC)
RS256 = Algorithm.RS256


def carry_out(keys: Sequence[key.Key], now: datetime) -> list[key.Key]:
    """Do what is planned, as `identity.keyring` does."""
    due = key.plan(keys, RS256, now)
    after = []
    for each in keys:
        changed = each
        if each.id in due.retires:
            changed = replace(changed, retired_at=now)
        if each.id == due.promotes:
            changed = replace(changed, signs_from=now)
        if each.id in due.erases:
            changed = replace(changed, sealed=None)
        after.append(changed)
    if due.makes_first:
        after.append(made(len(after), now, signs_from=now))
    if due.makes_next:
        after.append(made(len(after), now))
    return after


def made(number: int, now: datetime, signs_from: datetime | None = None) -> key.Key:
    return key.Key(
        id=key.KeyId(f"k{number}"),
        algorithm=RS256,
        public_jwk="{}",
        sealed=b"x",
        published_at=now,
        signs_from=signs_from,
    )


def test_an_empty_installation_gets_a_key_that_signs_and_one_that_waits() -> None:
    first = carry_out([], START)
    assert key.signing(first, RS256, START) is not None
    assert [each.is_next for each in first] == [False, True]


def test_nothing_is_due_right_after() -> None:
    settled = carry_out([], START)
    assert carry_out(settled, START) == settled


def test_after_thirty_days_the_waiting_key_signs_and_another_waits() -> None:
    settled = carry_out([], START)
    later = START + key.SIGNS_FOR
    turned = carry_out(settled, later)
    signing = key.signing(turned, RS256, later)
    assert signing is not None
    assert signing.id == settled[1].id
    assert turned[0].retired_at == later
    assert turned[0].is_published(later)
    assert sum(each.is_next for each in turned) == 1


def test_a_retired_key_stays_for_a_day_and_then_loses_its_private_half() -> None:
    later = START + key.SIGNS_FOR
    turned = carry_out(carry_out([], START), later)
    assert turned[0].is_published(later + key.STAYS_FOR - timedelta(seconds=1))
    gone = carry_out(turned, later + key.STAYS_FOR)
    assert not gone[0].is_published(later + key.STAYS_FOR)
    assert gone[0].sealed is None
    assert gone[0].public_jwk


def test_keys_of_another_algorithm_do_not_matter() -> None:
    settled = carry_out([], START)
    assert key.signing(settled, Algorithm.ES256, START) is None


@given(st.lists(st.integers(min_value=1, max_value=40 * 24 * 60), min_size=1, max_size=40))
def test_at_any_time_a_key_signs_that_was_published_long_before(minutes: list[int]) -> None:
    now, keys = START, carry_out([], START)
    for step in minutes:
        now += timedelta(minutes=step)
        keys = carry_out(keys, now)
        signing = key.signing(keys, RS256, now)
        assert signing is not None
        assert signing.is_published(now)
        assert signing.signs_from is not None
        is_first = signing.published_at == START
        assert is_first or signing.signs_from >= signing.published_at + key.PUBLISHED_AHEAD
        assert sum(each.is_next for each in keys) == 1
