"""One pass over one cluster: observe, plan, carry out. Revokes first; none waits for a grant."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from labpass_server.model import errors, plan, progress
from labpass_server.model.cluster import Problem
from labpass_server.model.found import Found
from labpass_server.model.objects import Namespace
from labpass_server.reconcile.lease import Lease
from labpass_server.reconcile.loading import Loaded
from labpass_server.reconcile.ports import Cluster

AT_ONCE: Final = 8
"""Steps under way at once on one cluster; more do not make an API server faster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a pass went.

    ``is_settled`` is ``False`` while the cluster has something to do before we can go on; the same
    with ``wait``, when it asked for patience. ``found`` is what is there now: ``None`` when a step
    failed, so that nobody knows without another look.
    """

    is_reachable: bool
    is_settled: bool
    problems: tuple[Problem, ...]
    done: int
    wait: timedelta | None = None
    found: Found | None = None

    @property
    def is_held_up(self) -> bool:
        """Whether the cluster is gone, or asked for patience: looking again would not help."""
        return self.wait is not None or not self.is_reachable

    @property
    def is_clean(self) -> bool:
        """Whether everything is now as it shall be."""
        return self.is_reachable and self.is_settled and not self.problems


class LeaseLost(Exception):
    """Somebody else may be working on this cluster: not one step more."""


async def run(cluster: Cluster, loaded: Loaded, lease: Lease) -> Outcome:
    """Look at the cluster and bring it to what is wanted. Raises `LeaseLost`."""
    try:
        found = await cluster.observe(loaded.cluster.installation, loaded.names)
    except errors.Refusal as refusal:
        return unreachable(refusal)
    return await carry_out(cluster, loaded, found, lease)


async def carry_out(cluster: Cluster, loaded: Loaded, found: Found, lease: Lease) -> Outcome:
    """Bring the cluster from what is there to what is wanted. Raises `LeaseLost`."""
    steps = plan.plan(loaded.wanted, found, installation=loaded.cluster.installation)
    work = _Work(cluster, lease)
    await work.phase(steps.revokes)
    if not work.is_held_up:
        await work.phase(steps.namespaces)
    if not work.is_held_up:
        shut = {each.namespace for each in work.problems}
        await work.phase([each for each in steps.grants if _place(each) not in shut])
    obstacles = [Problem(namespace=each.namespace, reason=each.reason) for each in steps.obstacles]
    there = progress.after(found, work.done)
    is_settled = _is_settled(loaded, there)
    return Outcome(
        is_reachable=work.is_reachable,
        is_settled=is_settled,
        problems=(*obstacles, *work.problems),
        done=len(work.done),
        wait=work.wait,
        found=there if is_settled and not work.problems else None,
    )


class _Work:
    """The steps of one pass, a few at a time."""

    def __init__(self, cluster: Cluster, lease: Lease) -> None:
        self._cluster = cluster
        self._lease = lease
        self.problems: list[Problem] = []
        self.is_reachable = True
        self.done: list[plan.Step] = []
        self.wait: timedelta | None = None

    @property
    def is_held_up(self) -> bool:
        """Whether to send no more but revokes: the cluster is gone, or asked for patience."""
        return self.wait is not None or not self.is_reachable

    async def phase(self, steps: Sequence[plan.Step]) -> None:
        """Carry out every step; what fails is a problem of its namespace alone."""
        for start in range(0, len(steps), AT_ONCE):
            if not self.is_reachable:
                return
            if not await self._lease.keep():
                raise LeaseLost
            await asyncio.gather(*map(self._step, steps[start : start + AT_ONCE]))

    async def _step(self, step: plan.Step) -> None:
        try:
            await self._cluster.carry_out(step)
            self.done.append(step)
        except errors.Unavailable as error:
            self.is_reachable = False
            self.problems.append(Problem(namespace=None, reason=error.what))
        except errors.TooMany as error:
            self.wait = max(error.retry_after, self.wait or error.retry_after)
            self.problems.append(Problem(namespace=None, reason="the cluster is busy"))
        except errors.Refusal as error:
            self.problems.append(Problem(namespace=_place(step), reason=_words(step, error)))


def unreachable(refusal: errors.Refusal) -> Outcome:
    """Say that the cluster could not even be looked at."""
    wait = refusal.retry_after if isinstance(refusal, errors.TooMany) else None
    return Outcome(
        is_reachable=False,
        is_settled=True,
        problems=(Problem(namespace=None, reason=str(refusal)),),
        done=0,
        wait=wait,
    )


def _is_settled(loaded: Loaded, found: Found) -> bool:
    """Whether every wanted namespace stood there with its ``default`` account, and none was going.

    The account comes a moment after its namespace, so a namespace just made is looked at again.
    """
    there = {each.name: each for each in found.namespaces}
    return all(
        name in there
        and there[name].token_mount_is_off is not None
        and not there[name].is_terminating
        for name in loaded.names
    )


def _place(step: plan.Step) -> str:
    match step:
        case plan.Create(item=item) | plan.Apply(item=item):
            return item.name if isinstance(item, Namespace) else item.namespace
        case plan.Delete() | plan.SwitchOffTokenMount():
            return step.namespace


def _words(step: plan.Step, error: errors.Refusal) -> str:
    if isinstance(step, plan.Create) and isinstance(error, errors.Conflict):
        return f"{step.item.name} exists and is not ours"
    return str(error)
