"""Refusals at the door leave an event: the first at once, repetitions as a number on the next.

Somebody who asks a thousand times fills no list. The numbers are this replica's own and are lost
with it: they decide nothing.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from labpass_server.access import events
from labpass_server.access.caller import Caller
from labpass_server.access.ports import Store, Transaction

QUIET: Final = timedelta(minutes=10)
"""How long the same person's same attempt is only counted."""
MOST: Final = 1024
_LONGEST: Final = 300


class Refusals:
    """Keeps what was written lately, and how often it came again."""

    def __init__(self, *, store: Store) -> None:
        self._store = store
        self._lately: OrderedDict[tuple[str, str], tuple[datetime, int]] = OrderedDict()

    async def note(self, caller: Caller, attempt: str, reason: str, *, now: datetime) -> None:
        """Write a refusal, or count it. ``attempt`` is a method and a path of the table."""
        key = (caller.handle, attempt)
        since, count = self._lately.get(key, (None, 0))
        if since is not None and timedelta(0) <= now - since < QUIET:
            self._lately[key] = (since, count + 1)
            return
        self._lately[key] = (now, 0)
        self._lately.move_to_end(key)
        if len(self._lately) > MOST:
            self._lately.popitem(last=False)
        more = {"repeated": str(count)} if count else {}

        def work(tx: Transaction) -> None:
            kind = events.Kind.ACCESS_REFUSED
            events.append(tx, caller, kind, attempt, now=now, reason=reason[:_LONGEST], **more)

        await self._store.write(work)
