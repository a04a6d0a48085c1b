import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pytest

from labpass_server.model import cluster, errors
from labpass_server.reconcile.ports import Timed
from labpass_server.reconcile.reconciler import Reconciler

LAB = cluster.ClusterId("lab-id")
P0 = "labpass-p0"


@pytest.fixture
def during(estate: Any) -> Callable[[Reconciler, Callable[[], Awaitable[None]]], None]:
    """Do something while the loop runs; end it afterwards."""

    def go(reconciler: Reconciler, work: Callable[[], Awaitable[None]]) -> None:
        async def whole() -> None:
            task = asyncio.create_task(reconciler.run())
            try:
                await work()
            finally:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

        estate.run(whole())

    return go


def test_a_change_made_here_is_followed_at_once(estate: Any, during: Any, eventually: Any) -> None:
    loop = Reconciler(estate.world("one", poll=timedelta(hours=1)))

    async def work() -> None:
        await eventually(lambda: P0 in estate.double.namespaces)
        estate.grant("alice")
        loop.wake()
        await eventually(lambda: estate.double.who("view") == {"alice"})

    during(loop, work)


def test_a_change_made_elsewhere_is_seen_at_the_next_poll(
    estate: Any, during: Any, eventually: Any
) -> None:
    async def work() -> None:
        await eventually(lambda: P0 in estate.double.namespaces)
        estate.grant("alice")
        await eventually(lambda: estate.double.who("view") == {"alice"})

    during(Reconciler(estate.world("one")), work)


def test_a_cluster_that_is_taken_away_is_let_go_of_and_comes_back(
    estate: Any, during: Any, eventually: Any
) -> None:
    async def work() -> None:
        await eventually(lambda: P0 in estate.double.namespaces)
        estate.store.write_now(lambda tx: tx.clusters.disconnect(LAB))
        await eventually(lambda: estate.double.closed == 1)
        estate.connect()
        estate.grant("alice")
        await eventually(lambda: estate.double.who("view") == {"alice"})

    during(Reconciler(estate.world("one")), work)


def test_a_database_that_is_gone_ends_nothing(estate: Any, during: Any, eventually: Any) -> None:
    class Flaky:
        is_gone = False

        async def read(self, work: Any) -> Any:
            if self.is_gone:
                raise errors.Unavailable("the database")
            return await estate.store.read(work)

        async def write(self, work: Any) -> Any:
            if self.is_gone:
                raise errors.Unavailable("the database")
            return await estate.store.write(work)

    flaky = Flaky()

    async def work() -> None:
        await eventually(lambda: P0 in estate.double.namespaces)
        flaky.is_gone = True
        await asyncio.sleep(0.05)
        flaky.is_gone = False
        estate.grant("alice")
        await eventually(lambda: estate.double.who("view") == {"alice"})

    during(Reconciler(estate.world("one", store=flaky)), work)


def test_timed_work_that_fails_is_done_again_and_by_one_replica_at_a_time(
    estate: Any, during: Any, eventually: Any
) -> None:
    at_once = most = 0
    times: list[datetime] = []

    async def sweep(now: datetime) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.005)
        at_once -= 1
        times.append(now)
        raise RuntimeError("a bug")

    timed = Timed(name="sweep", every=timedelta(milliseconds=1), work=sweep)
    other = Reconciler(estate.world("another"), [timed])

    async def work() -> None:
        task = asyncio.create_task(other.run())
        await eventually(lambda: len(times) >= 5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    during(Reconciler(estate.world("one"), [timed]), work)
    assert most == 1
