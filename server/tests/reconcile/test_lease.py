from typing import Any

from labpass_server.reconcile.lease import LENGTH, Lease

NAME = "cluster/lab"


def leases(estate: Any) -> tuple[Lease, Lease]:
    return Lease(estate.world("one"), NAME), Lease(estate.world("another"), NAME)


def test_one_holds_it_until_it_lets_go(estate: Any) -> None:
    one, another = leases(estate)
    assert estate.run(one.acquire())
    assert one.is_sure
    assert not estate.run(another.acquire())
    assert not another.is_sure
    estate.run(one.release())
    assert not one.is_sure
    assert estate.run(another.acquire())


def test_it_is_prolonged_when_half_of_it_is_over(estate: Any) -> None:
    one, another = leases(estate)
    estate.run(one.acquire())
    for _ in range(5):
        estate.later(seconds=8)
        assert estate.run(one.keep())
    assert not estate.run(another.acquire())


def test_nobody_keeps_what_they_never_had(estate: Any) -> None:
    one, _ = leases(estate)
    assert not estate.run(one.keep())
    estate.run(one.release())


def test_who_was_away_too_long_knows_that_it_is_over(estate: Any) -> None:
    one, another = leases(estate)
    estate.run(one.acquire())
    estate.later(seconds=LENGTH.total_seconds())
    assert not one.is_sure
    assert estate.run(another.acquire())
    assert not estate.run(one.keep())


def test_a_clock_set_back_lets_no_holder_believe_that_it_has_longer(estate: Any) -> None:
    one, _ = leases(estate)
    estate.run(one.acquire())
    estate.clock.turn(hours=-1)
    estate.elapsed.seconds += LENGTH.total_seconds()
    assert not one.is_sure


def test_a_clock_set_forward_takes_nothing_from_who_works(estate: Any) -> None:
    one, _ = leases(estate)
    estate.run(one.acquire())
    estate.clock.turn(hours=1)
    assert one.is_sure
    assert estate.run(one.keep())


def test_letting_go_takes_nothing_from_the_next_holder(estate: Any) -> None:
    one, another = leases(estate)
    estate.run(one.acquire())
    estate.later(seconds=16)
    estate.run(another.acquire())
    estate.run(one.release())
    assert not estate.run(one.acquire())
    estate.later(seconds=16)
    assert estate.run(one.acquire())
