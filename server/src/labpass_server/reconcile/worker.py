"""The loop of one cluster: wait until there is something to do, pass, record, wait."""

import asyncio
import contextlib
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from labpass.secret import Secret
from labpass_server.model import cluster as model
from labpass_server.model import errors
from labpass_server.model.found import Found
from labpass_server.reconcile import one_pass
from labpass_server.reconcile.lease import Lease
from labpass_server.reconcile.loading import Loaded, load
from labpass_server.reconcile.ports import Cluster, Transaction, World

RESYNC: Final = timedelta(seconds=30)
"""How long a foreign edit may stay unseen."""
_SOON: Final = timedelta(milliseconds=250)
_LATEST: Final = timedelta(seconds=60)
_HELD: Final = timedelta(milliseconds=200)
"""How long to leave a cluster to the replica that works on it."""
_MOST: Final = 20
RENEW_EVERY: Final = timedelta(days=1)
TOKEN_LIFETIME: Final = timedelta(days=30)

_log: Final = structlog.get_logger("reconcile")


class Worker:
    """Works on one cluster, for ever. A bad cluster delays its own worker and nobody else."""

    def __init__(self, cluster_id: model.ClusterId, world: World) -> None:
        self._cluster_id = cluster_id
        self._store = world.store
        self._sealer = world.sealer
        self._reach = world.reach
        self._clock = world.clock
        self._elapsed = world.elapsed
        self._lease = Lease(world, f"cluster/{cluster_id}")
        self._woken = asyncio.Event()
        self._reached: tuple[bytes, str, Cluster] | None = None
        self._failures = 0
        self._last: model.Pass | None = None
        self._revision = -1
        self._known: Found | None = None
        self._looked_at: float | None = None

    def wake(self) -> None:
        """Say that there is something to do."""
        self._woken.set()

    def note(self, revision: int) -> None:
        """Say which revision there is; wakes for one that was not looked at yet."""
        if self._revision < revision:
            self._woken.set()

    async def run(self) -> None:
        """Loop until cancelled."""
        try:
            while True:
                self._woken.clear()
                delay = await self.turn()
                await self._sleep(delay)
        finally:
            await self._let_go()

    async def _sleep(self, delay: timedelta) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(delay.total_seconds()):
                await self._woken.wait()

    async def turn(self) -> timedelta:
        """Do one pass if it is ours to do, and return how long to wait for the next."""
        try:
            if not await self._lease.acquire():
                self._known = None  # somebody else works there now
                return _HELD
            try:
                return await self._work()
            finally:
                await self._lease.release()
        except one_pass.LeaseLost:
            return _HELD
        except errors.Unavailable as error:  # the database: nothing can be recorded either
            _log.warning("pass failed", cluster=self._cluster_id, reason=error.what)
            return self._backoff()
        except Exception:  # noqa: BLE001 -- outermost loop: tried again, the other clusters go on
            _log.exception("pass broken", cluster=self._cluster_id)
            return self._backoff()

    async def _work(self) -> timedelta:
        now = self._clock()
        loaded = await self._store.read(lambda tx: load(tx, self._cluster_id, now))
        if loaded is None:
            return RESYNC
        self._revision = loaded.revision
        if self._is_done_elsewhere(loaded, now):
            return _until(loaded.next_end, now, RESYNC)
        try:
            reached = await self._connection(loaded)
        except errors.Refusal as refusal:  # what is kept about it cannot be used: say so
            outcome = one_pass.unreachable(refusal)
            await self._record(loaded, outcome, now)
            return self._next(loaded, outcome)
        outcome = await self._pass(reached, loaded)
        await self._record(loaded, outcome, now)
        if outcome.is_reachable:
            await self._renew(loaded, reached, now)
        return self._next(loaded, outcome)

    async def _pass(self, reached: Cluster, loaded: Loaded) -> one_pass.Outcome:
        """Work from what we know is there, when we do; else look first."""
        if (known := self._known_still(loaded)) is not None:
            self._known = None
            outcome = await one_pass.carry_out(reached, loaded, known, self._lease)
            if outcome.found is not None or outcome.is_held_up:
                self._known = outcome.found
                return outcome
        self._known = None
        looked_at = self._elapsed()
        outcome = await one_pass.run(reached, loaded, self._lease)
        if outcome.found is not None:
            self._known, self._looked_at = outcome.found, looked_at
        return outcome

    def _known_still(self, loaded: Loaded) -> Found | None:
        """Return what is there, if we looked lately, nobody worked since, and there is a change.

        A change then costs its own steps and no look at the whole cluster, so it is as quick among
        ten thousand namespaces as in one. What others edited meanwhile is seen at the next look.
        """
        last = self._last
        if last is None or self._looked_at is None or loaded.last_pass != last:
            return None
        is_change = loaded.revision > last.revision or loaded.has_ended
        is_fresh = self._elapsed() - self._looked_at < RESYNC.total_seconds()
        return self._known if is_change and is_fresh else None

    def _is_done_elsewhere(self, loaded: Loaded, now: datetime) -> bool:
        """Whether another replica has just done all of this."""
        last = loaded.last_pass
        if last is None or last == self._last or last.revision < loaded.revision or last.problems:
            return False
        is_recent = timedelta(0) <= now - last.at < RESYNC / 2
        return not loaded.has_ended and is_recent and self._failures == 0

    async def _connection(self, loaded: Loaded) -> Cluster:
        """Return the way to the cluster, made anew when what it was made of has changed."""
        link = loaded.connection
        if self._reached is not None and self._reached[:2] == (link.sealed_token, link.server):
            return self._reached[2]
        await self._let_go()
        purpose = model.token_purpose(self._cluster_id)
        token = self._sealer.open(link.sealed_token, purpose=purpose)
        made = self._reach(
            model.Credential(
                server=link.server,
                certificate_authority=link.certificate_authority,
                token=Secret(token.decode()),
            )
        )
        self._reached = (link.sealed_token, link.server, made)
        return made

    async def _let_go(self) -> None:
        self._known = None
        if self._reached is not None:
            await self._reached[2].close()
            self._reached = None

    async def _record(self, loaded: Loaded, outcome: one_pass.Outcome, now: datetime) -> None:
        done = model.Pass(
            cluster_id=self._cluster_id,
            at=now,
            revision=loaded.revision,
            is_reachable=outcome.is_reachable,
            problems=_most(outcome.problems),
        )
        await self._store.write(lambda tx: tx.clusters.record_pass(done))
        self._last = done
        if outcome.done or outcome.problems:
            _log.info(
                "pass",
                cluster=loaded.cluster.name,
                revision=loaded.revision,
                steps=outcome.done,
                problems=[each.reason for each in outcome.problems],
                ms=round((self._clock() - now).total_seconds() * 1000),
            )

    async def _renew(self, loaded: Loaded, reached: Cluster, now: datetime) -> None:
        """Renew our account's token once a day, while the old one still can."""
        if timedelta(0) <= now - loaded.connection.token_renewed_at < RENEW_EVERY:
            return
        try:
            token, ends = await reached.renew(TOKEN_LIFETIME)
        except errors.Refusal as error:
            _log.warning("token not renewed", cluster=loaded.cluster.name, reason=str(error))
            return
        purpose = model.token_purpose(self._cluster_id)
        renewed = replace(
            loaded.connection,
            sealed_token=self._sealer.seal(token.reveal().encode(), purpose=purpose),
            token_expires_at=ends,
            token_renewed_at=now,
        )

        def work(tx: Transaction) -> None:
            # An administrator may have connected anew, or taken the cluster away, meanwhile.
            if tx.clusters.connection(self._cluster_id) == loaded.connection:
                tx.clusters.connect(renewed)

        await self._store.write(work)

    def _next(self, loaded: Loaded, outcome: one_pass.Outcome) -> timedelta:
        if outcome.is_clean:
            self._failures = 0
            patience = self._patience()
        else:
            patience = outcome.wait or self._backoff()
        return _until(loaded.next_end, self._clock(), patience)

    def _patience(self) -> timedelta:
        """Return how long until the next look: changes in between do not put it off."""
        if self._looked_at is None:
            return RESYNC
        since = timedelta(seconds=self._elapsed() - self._looked_at)
        return max(RESYNC - since, _SOON)

    def _backoff(self) -> timedelta:
        self._failures += 1
        doublings = min(self._failures - 1, 10)
        return min(_SOON * (1 << doublings), _LATEST)


def _most(problems: tuple[model.Problem, ...]) -> tuple[model.Problem, ...]:
    """Keep as many as anybody reads; what is left out still keeps a rule from being "applied"."""
    if len(problems) <= _MOST:
        return problems
    rest = model.Problem(namespace=None, reason=f"and {len(problems) - _MOST} more")
    return (*problems[:_MOST], rest)


def _until(moment: datetime | None, now: datetime, at_most: timedelta) -> timedelta:
    if moment is None:
        return at_most
    return min(max(moment - now, timedelta(0)), at_most)
