"""How long someone who guesses has to wait. Pure; the counters are in the database.

What counts one person's attempts waits twice as long after each failure: a guesser gets a few tries
an hour. What counts many people together (an address, everybody) only empties at a steady pace:
there a doubling delay would let one neighbour, or the slips of a large institute, keep all others
out.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias, assert_never

_QUIET: Final = timedelta(hours=1)
_MOST_DOUBLINGS: Final = 12


class Limit(StrEnum):
    """What attempts are counted by."""

    PERSON = "person"
    PAIR = "person and address"
    DEVICE = "device"
    ADDRESS = "address"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubling:
    """So many failures are free; then a second, doubling up to ``longest``.

    Forgotten after an hour of quiet.
    """

    free: int
    longest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Steady:
    """So many failures are free; one of them is forgotten in each ``pace``, whatever goes on."""

    free: int
    pace: timedelta

    @property
    def longest(self) -> timedelta:
        """How long one may have to wait at most."""
        return self.pace


Allowance: TypeAlias = Doubling | Steady

_LONGEST: Final = timedelta(minutes=15)
ALLOWANCES: Final[dict[Limit, Allowance]] = {
    Limit.PERSON: Doubling(free=10, longest=_LONGEST),
    Limit.PAIR: Doubling(free=5, longest=_LONGEST),
    Limit.DEVICE: Doubling(free=5, longest=_LONGEST),
    Limit.ADDRESS: Steady(free=30, pace=timedelta(minutes=1)),
    # A limit over everybody must not become a way to lock everybody out: it only slows down.
    Limit.ALL: Steady(free=1000, pace=timedelta(seconds=1)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """How often it went wrong. ``failed_at``: when last, or up to when a steady one is emptied."""

    failures: int
    failed_at: datetime


def now_is(limit: Limit, counter: Counter, now: datetime) -> Counter:
    """Return the counter as it counts now."""
    match ALLOWANCES[limit]:
        case Doubling():
            is_forgotten = now - counter.failed_at >= _QUIET
            return replace(counter, failures=0) if is_forgotten else counter
        case Steady(pace=pace):
            emptied = max((now - counter.failed_at) // pace, 0)
            if emptied >= counter.failures:
                return Counter(failures=0, failed_at=now)
            return Counter(
                failures=counter.failures - emptied, failed_at=counter.failed_at + emptied * pace
            )
        case other:
            assert_never(other)


def counted(limit: Limit, counter: Counter, now: datetime) -> Counter:
    """Return the counter with one more failure."""
    current = now_is(limit, counter, now)
    at = now if isinstance(ALLOWANCES[limit], Doubling) else current.failed_at
    return Counter(failures=current.failures + 1, failed_at=at)


def wait(limit: Limit, counter: Counter, now: datetime) -> timedelta:
    """Return how long to wait before the next attempt; zero means now."""
    current = now_is(limit, counter, now)
    allowance = ALLOWANCES[limit]
    over = current.failures - allowance.free
    if over < 0:
        return timedelta(0)
    match allowance:
        case Doubling(longest=longest):
            delay = min(timedelta(seconds=2 ** min(over, _MOST_DOUBLINGS)), longest)
        case Steady(pace=pace):
            delay = pace
        case other:
            assert_never(other)
    return max(delay - (now - current.failed_at), timedelta(0))
