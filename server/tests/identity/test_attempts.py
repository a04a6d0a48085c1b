import pytest
from server.tests.conftest import Clock

from labpass_server.identity import attempts
from labpass_server.model import errors
from labpass_server.storage import database, transaction


def attempt(
    name: str = "alice", address: str = "192.0.2.7", *, known: bool = False
) -> attempts.Attempt:
    return attempts.Attempt(handle=name, address=address, is_known_device=known)


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
