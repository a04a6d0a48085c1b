import asyncio
from collections.abc import Iterator
from datetime import timedelta

import pytest
from server.tests.conftest import Run

from labpass.secret import Secret
from labpass_server.hashing import passwords
from labpass_server.model import errors

RIGHT = Secret("correct horse battery staple")


@pytest.fixture
def cheap() -> Iterator[passwords.Passwords]:
    made = passwords.Passwords(64, cores=1)
    yield made
    made.close()


def test_only_the_right_password_is_right(cheap: passwords.Passwords, run: Run) -> None:
    phc = run(cheap.hash(RIGHT))
    assert phc.startswith("$argon2id$")
    assert run(cheap.verify(RIGHT, phc))
    assert not run(cheap.verify(Secret("another"), phc))


def test_nobodys_password_is_never_right(cheap: passwords.Passwords, run: Run) -> None:
    assert not run(cheap.verify(RIGHT, None))


def test_a_very_long_password_is_wrong_and_costs_no_more(
    cheap: passwords.Passwords, run: Run
) -> None:
    assert not run(cheap.verify(Secret("x" * 1_000_000), run(cheap.hash(RIGHT))))


def test_a_broken_row_is_our_trouble_and_not_a_wrong_password(
    cheap: passwords.Passwords, run: Run
) -> None:
    with pytest.raises(errors.Unavailable):
        run(cheap.verify(RIGHT, "not a hash"))


def test_a_storm_is_told_to_come_again(cheap: passwords.Passwords, run: Run) -> None:
    async def storm() -> list[bool | BaseException]:
        checks = (cheap.verify(RIGHT, None) for _ in range(40))
        return await asyncio.gather(*checks, return_exceptions=True)

    outcomes = run(storm())
    refused = [each for each in outcomes if isinstance(each, errors.Unavailable)]
    assert len(refused) == 40 - 17
    assert run(cheap.verify(RIGHT, run(cheap.hash(RIGHT))))


def test_other_parameters_are_noticed(cheap: passwords.Passwords, run: Run) -> None:
    phc = run(cheap.hash(RIGHT))
    assert not cheap.is_outdated(phc)
    assert passwords.Passwords(128, cores=1).is_outdated(phc)


@pytest.mark.parametrize(
    ("aim", "memory"),
    [(timedelta(0), passwords.FLOOR_KIB), (timedelta(hours=1), passwords.CEILING_KIB)],
)
def test_calibration_stays_between_floor_and_ceiling(aim: timedelta, memory: int) -> None:
    assert passwords.calibrate(aim) == memory
