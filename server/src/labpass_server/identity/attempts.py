"""Attempts are counted before anything is hashed, and taken back when they turn out well.

Counting first means that a hundred guesses at once are a hundred, and costs a guesser's own time
instead of ours. Nobody can keep another out by guessing: a browser that its owner has used before
is counted by itself alone, and a person at an address where they have signed in before only
together with that address.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from labpass_server.identity import ports
from labpass_server.model import errors, network, throttling
from labpass_server.model.throttling import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody tries to be ``handle`` from ``address``.

    ``device`` is the hash of a mark that this person's browser was given; ``is_known_place``
    says that they have signed in from this address lately.
    """

    handle: str
    address: str
    device: bytes | None = None
    is_known_place: bool = False

    def counters(self) -> Sequence[tuple[Limit, bytes]]:
        """Return what it is counted by; sorted, so that two at once never wait for each other."""
        if self.device is not None:
            return [(Limit.DEVICE, _key(Limit.DEVICE, self.device.hex()))]
        around = network.of(self.address)
        counted = {Limit.PAIR: f"{self.handle} {around}"}
        if not self.is_known_place:
            counted |= {Limit.PERSON: self.handle, Limit.ADDRESS: around, Limit.ALL: ""}
        return sorted(
            ((limit, _key(limit, value)) for limit, value in counted.items()),
            key=lambda pair: pair[1],
        )


def count(tx: ports.Transaction, attempt: Attempt, now: datetime) -> None:
    """Count the attempt, or raise `TooMany`, which undoes the counting."""
    for limit, key in attempt.counters():
        counter = tx.throttle.hold(key)
        wait = throttling.wait(limit, counter, now)
        if wait > timedelta(0):
            raise errors.TooMany(wait)
        tx.throttle.save(key, throttling.counted(limit, counter, now))


def forgive(tx: ports.Transaction, attempt: Attempt) -> None:
    """Take it back, for it was right. What counts many people stays but for this one."""
    for limit, key in attempt.counters():
        if limit in {Limit.ADDRESS, Limit.ALL}:
            tx.throttle.forgive(key)
        else:
            tx.throttle.remove(key)


def take_back(tx: ports.Transaction, attempt: Attempt) -> None:
    """Take it back, for nobody has looked whether it was right: we were too busy."""
    for _, key in attempt.counters():
        tx.throttle.forgive(key)


def place(handle: str, address: str) -> bytes:
    """Return under what it is remembered that a person has signed in from an address."""
    return hashlib.sha256(f"place\0{handle} {network.of(address)}".encode()).digest()


def _key(limit: Limit, value: str) -> bytes:
    return hashlib.sha256(f"{limit}\0{value}".encode()).digest()
