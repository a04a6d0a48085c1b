import pytest
from server.tests.conftest import Clock

from labpass_server.identity import attempts
from labpass_server.model import errors, throttling
from labpass_server.storage import database, transaction


def attempt(
    name: str = "alice",
    address: str = "192.0.2.7",
    *,
    known: bool = False,
    at_home: bool = False,
) -> attempts.Attempt:
    mark = b"a mark of this browser" if known else None
    return attempts.Attempt(handle=name, address=address, device=mark, is_known_place=at_home)


def count(store: database.Database, clock: Clock, tried: attempts.Attempt) -> bool:
    """Tell whether the attempt may be made."""

    def work(tx: transaction.Transaction) -> None:
        attempts.count(tx, tried, clock())

    try:
        store.write_now(work)
    except errors.TooMany:
        return False
    return True


def many(store: database.Database, clock: Clock, tried: list[attempts.Attempt]) -> int:
    return sum(count(store, clock, each) for each in tried)


def test_one_address_guesses_one_person_five_times(store: database.Database, clock: Clock) -> None:
    assert many(store, clock, [attempt()] * 20) == 5


def test_many_addresses_guess_one_person_ten_times(store: database.Database, clock: Clock) -> None:
    tried = [attempt(address=f"192.0.2.{number}") for number in range(20)]
    assert many(store, clock, tried) == 10


def test_one_address_guesses_many_people_thirty_times(
    store: database.Database, clock: Clock
) -> None:
    tried = [attempt(f"person-{number}") for number in range(50)]
    assert many(store, clock, tried) == 30


def test_whoever_has_a_whole_ipv6_network_has_one_address(
    store: database.Database, clock: Clock
) -> None:
    tried = [attempt(address=f"2001:db8:1:2::{number:x}") for number in range(1, 20)]
    assert many(store, clock, tried) == 5


def test_a_known_device_is_not_kept_out_by_others(store: database.Database, clock: Clock) -> None:
    many(store, clock, [attempt(address=f"192.0.2.{number}") for number in range(20)])
    assert not count(store, clock, attempt(address="203.0.113.1"))
    assert count(store, clock, attempt(address="203.0.113.1", known=True))


def test_a_known_device_guesses_no_more_than_another(
    store: database.Database, clock: Clock
) -> None:
    assert many(store, clock, [attempt(known=True)] * 20) == 5


def test_what_turned_out_well_is_taken_back(store: database.Database, clock: Clock) -> None:
    for _ in range(100):
        assert count(store, clock, attempt())
        store.write_now(lambda tx: attempts.forgive(tx, attempt()))


def test_a_right_password_does_not_wash_an_address_clean(
    store: database.Database, clock: Clock
) -> None:
    many(store, clock, [attempt(f"person-{number}") for number in range(29)])
    assert count(store, clock, attempt("owner"))
    store.write_now(lambda tx: attempts.forgive(tx, attempt("owner")))
    assert many(store, clock, [attempt("one"), attempt("two")]) == 1


@pytest.mark.parametrize("address", ["unknown", "", "not an address"])
def test_an_address_nobody_can_read_is_counted_too(
    store: database.Database, clock: Clock, address: str
) -> None:
    assert many(store, clock, [attempt(address=address)] * 9) == 5


def test_a_stranger_at_the_same_address_does_not_keep_a_known_browser_out(
    store: database.Database, clock: Clock
) -> None:
    many(store, clock, [attempt()] * 20)
    many(store, clock, [attempt(f"person-{number}") for number in range(50)])
    assert not count(store, clock, attempt())
    assert count(store, clock, attempt(known=True))


def test_a_stranger_elsewhere_does_not_keep_a_terminal_out_where_it_has_signed_in_before(
    store: database.Database, clock: Clock
) -> None:
    many(store, clock, [attempt(address=f"198.51.100.{number}") for number in range(20)])
    many(store, clock, [attempt(f"person-{number}") for number in range(50)])
    assert not count(store, clock, attempt())
    assert count(store, clock, attempt(at_home=True))


def test_at_home_too_one_guesses_one_person_five_times(
    store: database.Database, clock: Clock
) -> None:
    assert many(store, clock, [attempt(at_home=True)] * 20) == 5


def test_all_of_ipv4_is_not_one_address_to_a_socket_that_serves_both_families(
    store: database.Database, clock: Clock
) -> None:
    many(store, clock, [attempt(f"p-{number}", "::ffff:198.51.100.1") for number in range(50)])
    assert not count(store, clock, attempt("one", "198.51.100.1"))
    assert count(store, clock, attempt("other", "::ffff:198.51.100.2"))


def test_sixteen_people_behind_one_address_sign_in_at_once(
    store: database.Database, clock: Clock
) -> None:
    """Slips of the lab's own people came before: fourteen within a few minutes."""
    many(store, clock, [attempt(f"slip-{number}") for number in range(14)])
    for _ in range(3):
        at_once = [attempt(f"person-{number}") for number in range(16)]
        assert many(store, clock, at_once) == 16
        for each in at_once:
            store.write_now(lambda tx, each=each: attempts.forgive(tx, each))  # type: ignore[misc]


def test_an_institutes_slips_do_not_add_up_over_weeks(
    store: database.Database, clock: Clock
) -> None:
    for number in range(90):
        assert count(store, clock, attempt(f"slip-{number}"))
        clock.turn(minutes=2)


def test_success_between_guesses_does_not_keep_an_address_waiting(
    store: database.Database, clock: Clock
) -> None:
    many(store, clock, [attempt(f"guess-{number}") for number in range(50)])
    clock.turn(minutes=1)
    for turn in range(60):
        one = attempt(f"person-{turn}")
        if count(store, clock, one):
            store.write_now(lambda tx, one=one: attempts.forgive(tx, one))  # type: ignore[misc]
        clock.turn(seconds=10)
    assert many(store, clock, [attempt(f"later-{number}") for number in range(20)]) >= 10


def test_an_address_that_goes_on_guessing_gets_one_try_a_minute(
    store: database.Database, clock: Clock
) -> None:
    tries = 0
    for turn in range(120):
        tries += count(store, clock, attempt(f"guess-{turn}"))
        clock.turn(seconds=15)
    assert tries <= 30 + 30


def test_a_storm_from_everywhere_leaves_a_place_free_each_second(
    store: database.Database, clock: Clock
) -> None:
    free = throttling.ALLOWANCES[throttling.Limit.ALL].free
    full = throttling.Counter(failures=free, failed_at=clock())
    key = attempts._key(throttling.Limit.ALL, "")
    store.write_now(lambda tx: tx.throttle.hold(key))
    store.write_now(lambda tx: tx.throttle.save(key, full))
    assert not count(store, clock, attempt("late", "192.0.2.99"))
    assert count(store, clock, attempt("owner", "192.0.2.99", at_home=True))
    clock.turn(seconds=1)
    assert count(store, clock, attempt("late", "192.0.2.99"))


def test_an_attempt_nobody_looked_at_is_not_a_failure_and_washes_nothing(
    store: database.Database, clock: Clock
) -> None:
    many(store, clock, [attempt()] * 4)
    for _ in range(20):
        assert count(store, clock, attempt())
        store.write_now(lambda tx: attempts.take_back(tx, attempt()))
    assert many(store, clock, [attempt()] * 4) == 1
