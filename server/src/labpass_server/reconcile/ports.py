"""What the loop needs from the world. Adapters fit by shape; `app` joins them."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias, TypeVar

from labpass.secret import Secret
from labpass_server.access import ports as access
from labpass_server.kit import clock as system_clock
from labpass_server.model import plan
from labpass_server.model.cluster import ClusterId, Credential
from labpass_server.model.found import Found

T = TypeVar("T")


class Cluster(Protocol):
    """One cluster, reached as our account."""

    async def observe(self, installation: str, wanted: Collection[str]) -> Found:
        """Return what is there: our namespaces, those of the wanted names, their bindings."""
        ...

    async def carry_out(self, step: plan.Step) -> None:
        """Do one step; raises a `Refusal` when the API server does not."""
        ...

    async def renew(self, lifetime: timedelta) -> tuple[Secret, datetime]:
        """Return a new token of our account, and when it ends."""
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


Reach: TypeAlias = Callable[[Credential], Cluster]
"""Opens nothing yet; the first request does."""


class Clusters(access.Clusters, Protocol):
    """Clusters at rest."""

    def connected(self) -> frozenset[ClusterId]:
        """Return which clusters can be reached."""
        ...


class Leases(Protocol):
    """Leases at rest."""

    def acquire(self, name: str, holder: str, *, now: datetime, until: datetime) -> bool:
        """Take or prolong a lease; raises `Conflict` for the loser of a race to make it."""
        ...

    def release(self, name: str, holder: str) -> None:
        """Let go of a lease."""
        ...


class Transaction(Protocol):
    """One unit of work over what the loop reads and records."""

    @property
    def clusters(self) -> Clusters:
        """Clusters."""
        ...

    @property
    def projects(self) -> access.Projects:
        """Projects."""
        ...

    @property
    def rules(self) -> access.Rules:
        """Rules."""
        ...

    @property
    def revisions(self) -> access.Revisions:
        """The count of changes."""
        ...

    @property
    def leases(self) -> Leases:
        """Leases."""
        ...


class Store(Protocol):
    """Runs units of work; each is a sync function without network inside."""

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """Run work that does not write."""
        ...

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Run work and keep all of it, or nothing."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Work that one replica does now and then, such as rotating keys."""

    name: str
    every: timedelta
    work: Callable[[datetime], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """All that the loop of one replica works with.

    ``holder`` names this replica among the others; ``poll`` is how often it looks for what they
    changed: seldom where it is alone, for it is told of its own changes at once. ``elapsed`` counts
    seconds and never jumps.
    """

    store: Store
    sealer: access.Sealer
    reach: Reach
    holder: str
    clock: Callable[[], datetime]
    poll: timedelta
    elapsed: Callable[[], float] = system_clock.elapsed
