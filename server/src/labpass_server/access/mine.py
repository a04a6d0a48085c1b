"""What is mine: my roles, my projects, and how to reach them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from labpass_server.access import caller as callers
from labpass_server.access.caller import Caller
from labpass_server.access.ports import Store, Transaction
from labpass_server.model import rule
from labpass_server.model.cluster import Cluster
from labpass_server.model.role import ROLES, RoleName


@dataclass(frozen=True, slots=True, kw_only=True)
class MyRole:
    """One of my live rules; ``project`` is ``None`` for the organisation."""

    role: RoleName
    project: str | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MyProject:
    """A project I may use, on one cluster, by the strongest role I hold in it."""

    project: str
    cluster: Cluster
    namespace: str
    role: RoleName
    ends_at: datetime | None


class Mine:
    """What every person may know about themselves."""

    def __init__(self, *, store: Store) -> None:
        self._store = store

    async def roles(self, caller: Caller, *, now: datetime) -> Sequence[MyRole]:
        """Return my live rules."""

        def work(tx: Transaction) -> list[MyRole]:
            names = {each.id: each.name for each in tx.projects.all()}
            return [
                MyRole(
                    role=each.role,
                    project=names[each.scope.project_id]
                    if isinstance(each.scope, rule.InProject)
                    else None,
                    ends_at=each.ends_at,
                )
                for each in callers.rules_of(tx, caller)
                if each.is_live(now)
            ]

        return await self._store.read(work)

    async def projects(self, caller: Caller, *, now: datetime) -> Sequence[MyProject]:
        """Return my projects, by name and cluster: one entry for each namespace."""

        def work(tx: Transaction) -> list[MyProject]:
            own = [each for each in callers.rules_of(tx, caller) if each.is_live(now)]
            clusters = {each.id: each for each in tx.clusters.all()}
            return [
                MyProject(
                    project=project.name,
                    cluster=clusters[place.cluster_id],
                    namespace=place.namespace,
                    role=best.role,
                    ends_at=best.ends_at,
                )
                for project in tx.projects.all()
                for best in _best(own, rule.InProject(project.id))
                for place in project.placements
            ]

        return await self._store.read(work)


def _best(own: Iterable[rule.Rule], scope: rule.Scope) -> list[rule.Rule]:
    """The strongest live rule at a scope, the longest of equals; none or one."""
    order = list(ROLES)
    here = [each for each in own if each.reaches(scope)]
    here.sort(
        key=lambda each: (
            order.index(each.role),
            each.ends_at is None,
            each.ends_at.timestamp() if each.ends_at else 0,
        )
    )
    return here[-1:]
