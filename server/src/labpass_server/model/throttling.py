"""How long someone who guesses has to wait. Pure; the counters are in the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_LONGEST: Final = timedelta(minutes=15)
_MOST_DOUBLINGS: Final = 12


class Limit(StrEnum):
    """What attempts are counted by."""

    PERSON = "person"
    ADDRESS = "address"
    PAIR = "person and address"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How many failures are free, and how long one may have to wait at most."""

    free: int
    longest: timedelta


ALLOWANCES: Final = {
    Limit.PERSON: Allowance(free=10, longest=_LONGEST),
    Limit.ADDRESS: Allowance(free=30, longest=_LONGEST),
    Limit.PAIR: Allowance(free=5, longest=_LONGEST),
    # A limit over everybody must not become a way to lock everybody out: it only slows down.
    Limit.ALL: Allowance(free=1000, longest=timedelta(seconds=2)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """How often it went wrong, and when last. Forgotten after an hour of quiet."""

    failures: int
    failed_at: datetime

    def decayed(self, now: datetime) -> "Counter":
        """Return the counter as it counts now."""
        if now - self.failed_at < timedelta(hours=1):
            return self
        return Counter(failures=0, failed_at=self.failed_at)


def wait(limit: Limit, counter: Counter, now: datetime) -> timedelta:
    """Return how long to wait before the next attempt; zero means now.

    One second after the free ones, doubling with each, so nobody is ever locked out for good.
    """
    allowance = ALLOWANCES[limit]
    over = counter.decayed(now).failures - allowance.free
    if over < 0:
        return timedelta(0)
    delay = min(timedelta(seconds=2 ** min(over, _MOST_DOUBLINGS)), allowance.longest)
    return max(delay - (now - counter.failed_at), timedelta(0))
