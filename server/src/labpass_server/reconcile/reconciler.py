"""Keeps one worker for each connected cluster, wakes them all, and does the timed work beside."""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import structlog

from labpass_server.model import errors
from labpass_server.model.cluster import ClusterId
from labpass_server.reconcile.lease import Lease
from labpass_server.reconcile.ports import Timed, Transaction, World
from labpass_server.reconcile.worker import Worker

_log: Final = structlog.get_logger("reconcile")


class Reconciler:
    """The whole loop of one replica."""

    def __init__(self, world: World, timed: Iterable[Timed] = ()) -> None:
        self._world = world
        self._timed = tuple(timed)
        self._woken = asyncio.Event()
        self._workers: dict[ClusterId, tuple[Worker, asyncio.Task[None]]] = {}

    def wake(self) -> None:
        """Say that something was changed here; called after the commit, on the loop's thread."""
        self._woken.set()
        for worker, _ in self._workers.values():
            worker.wake()

    async def run(self) -> None:
        """Loop until cancelled."""
        beside = [asyncio.create_task(self._repeat(each)) for each in self._timed]
        try:
            await self._watch()
        finally:
            await _end([*beside, *(task for _, task in self._workers.values())])
            self._workers.clear()

    async def _watch(self) -> None:
        """Look for changes, whoever made them, and keep the right workers."""
        seen = -1
        while True:
            self._woken.clear()
            try:
                revision, connected = await self._world.store.read(_look)
            except errors.Unavailable:
                _log.warning("the database cannot be reached")
                revision, connected = seen, frozenset(self._workers)
            await self._keep(connected)
            seen = revision
            for worker, _ in self._workers.values():
                worker.note(revision)
            await _wait(self._woken, self._world.poll)

    async def _keep(self, connected: frozenset[ClusterId]) -> None:
        for cluster_id in connected - self._workers.keys():
            worker = Worker(cluster_id, self._world)
            self._workers[cluster_id] = (worker, asyncio.create_task(worker.run()))
        for cluster_id in self._workers.keys() - connected:
            _, task = self._workers.pop(cluster_id)
            await _end([task])

    async def _repeat(self, timed: Timed) -> None:
        lease = Lease(self._world, f"timed/{timed.name}")
        while True:
            try:
                if await lease.acquire():
                    try:
                        await timed.work(self._world.clock())
                    finally:
                        await lease.release()
            except Exception:  # noqa: BLE001 -- outermost loop: tried again next time
                _log.exception("timed work failed", work=timed.name)
            await asyncio.sleep(timed.every.total_seconds())


def _look(tx: Transaction) -> tuple[int, frozenset[ClusterId]]:
    return tx.revisions.current(), tx.clusters.connected()


async def _wait(event: asyncio.Event, at_most: timedelta) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(at_most.total_seconds()):
            await event.wait()


async def _end(tasks: Iterable[asyncio.Task[None]]) -> None:
    ending = list(tasks)
    for task in ending:
        task.cancel()
    await asyncio.gather(*ending, return_exceptions=True)
