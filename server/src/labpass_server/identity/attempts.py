"""Attempts are counted before anything is hashed, and taken back when they turn out well.

Counting first means that a hundred guesses at once are a hundred, and costs a guesser's own time
instead of ours.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from labpass_server.identity import ports
from labpass_server.model import errors, throttling
from labpass_server.model.throttling import Limit


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """Somebody tries to be ``handle`` from ``address``, in a browser its owner knows or not."""

    handle: str
    address: str
    is_known_device: bool = False

    def counters(self) -> Sequence[tuple[Limit, bytes]]:
        """Return what it is counted by; sorted, so that two at once never wait for each other."""
        network = _network(self.address)
        counted = {
            Limit.PERSON: self.handle,
            Limit.ADDRESS: network,
            Limit.PAIR: f"{self.handle} {network}",
            Limit.ALL: "",
        }
        if self.is_known_device:
            # Else anybody could keep the owner out by guessing.
            del counted[Limit.PERSON], counted[Limit.ALL]
        return sorted(
            ((limit, _key(limit, value)) for limit, value in counted.items()),
            key=lambda pair: pair[1],
        )


def count(tx: ports.Transaction, attempt: Attempt, now: datetime) -> None:
    """Count the attempt, or raise `TooMany`, which undoes the counting."""
    for limit, key in attempt.counters():
        counter = tx.throttle.hold(key).decayed(now)
        wait = throttling.wait(limit, counter, now)
        if wait > timedelta(0):
            raise errors.TooMany(wait)
        counted = replace(counter, failures=counter.failures + 1, failed_at=now)
        tx.throttle.save(key, counted)


def forgive(tx: ports.Transaction, attempt: Attempt) -> None:
    """Take it back. What counts the address stays but for this one."""
    for limit, key in attempt.counters():
        if limit in {Limit.PERSON, Limit.PAIR}:
            tx.throttle.remove(key)
        else:
            tx.throttle.forgive(key)


def _key(limit: Limit, value: str) -> bytes:
    return hashlib.sha256(f"{limit}\0{value}".encode()).digest()


def _network(address: str) -> str:
    """Return the address, or its /64: whoever has one IPv6 address has 2**64 of them."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
