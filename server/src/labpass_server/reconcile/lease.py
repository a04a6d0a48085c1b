"""Holding a lease: only one replica at a time works on a cluster, and it knows when to stop."""

from datetime import timedelta
from typing import Final

from labpass_server.model.errors import Conflict
from labpass_server.reconcile.ports import Transaction, World

LENGTH: Final = timedelta(seconds=15)
_MARGIN: Final = timedelta(seconds=5)
"""A holder stops this long before the end, so that a slow write of its is over by then."""


class Lease:
    """One lease, of one holder.

    Its end is written by the clock and kept in mind by elapsed time: a clock that jumps makes no
    holder believe that it has longer. Replicas' clocks may differ by the margin.
    """

    def __init__(self, world: World, name: str) -> None:
        self._store = world.store
        self._name = name
        self._holder = world.holder
        self._clock = world.clock
        self._elapsed = world.elapsed
        self._until: float | None = None

    async def acquire(self) -> bool:
        """Take it, or prolong it; ``False`` while somebody else holds it."""
        ours_until = self._elapsed() + LENGTH.total_seconds()
        now = self._clock()
        until = now + LENGTH

        def work(tx: Transaction) -> bool:
            return tx.leases.acquire(self._name, self._holder, now=now, until=until)

        try:
            is_ours = await self._store.write(work)
        except Conflict:
            is_ours = False
        self._until = ours_until if is_ours else None
        return is_ours

    async def keep(self) -> bool:
        """Whether it is surely ours for the next step; prolongs it when half of it is over."""
        if self._until is None:
            return False
        if self._until - self._elapsed() > LENGTH.total_seconds() / 2:
            return True
        return await self.acquire() and self.is_sure

    @property
    def is_sure(self) -> bool:
        """Whether it is surely ours still."""
        left = 0.0 if self._until is None else self._until - self._elapsed()
        return left > _MARGIN.total_seconds()

    async def release(self) -> None:
        """Let go of it."""
        if self._until is not None:
            self._until = None
            await self._store.write(lambda tx: tx.leases.release(self._name, self._holder))
