"""What a change of rules means, before it is made: for people, and for each cluster's objects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from labpass_server.access.ports import Transaction
from labpass_server.model import found, objects, plan, rule
from labpass_server.model.cluster import Cluster
from labpass_server.model.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSteps:
    """What would be done on one cluster if nothing else were amiss there."""

    cluster: str
    plan: plan.Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Who gains and loses what, and by which objects."""

    change: plan.Change
    clusters: tuple[ClusterSteps, ...]


def preview(
    tx: Transaction,
    before: Iterable[rule.Rule],
    after: Iterable[rule.Rule],
    *,
    now: datetime,
) -> Preview:
    """Compare two states of all the rules, on every cluster."""
    barred = tx.rules.barred()
    projects = tx.projects.all()
    then, later = list(before), list(after)
    gains: list[objects.Grant] = []
    loses: list[objects.Grant] = []
    steps = []
    for cluster in tx.clusters.all():
        held = objects.grants(cluster, projects, then, now=now, barred=barred)
        holds = objects.grants(cluster, projects, later, now=now, barred=barred)
        change = plan.change(held, holds)
        gains += change.gains
        loses += change.loses
        steps.append(_steps(cluster, projects, held, holds))
    return Preview(
        change=plan.Change(gains=tuple(gains), loses=tuple(loses)),
        clusters=tuple(each for each in steps if not each.plan.is_empty),
    )


def _steps(
    cluster: Cluster,
    projects: Sequence[Project],
    held: frozenset[objects.Grant],
    holds: frozenset[objects.Grant],
) -> ClusterSteps:
    start = found.as_wanted(objects.wanted(cluster, projects, held))
    end = objects.wanted(cluster, projects, holds)
    return ClusterSteps(
        cluster=cluster.name, plan=plan.plan(end, start, installation=cluster.installation)
    )
