"""What a change of rules means, before it is made: for people, and for each cluster's objects."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from labpass_server.access.ports import Transaction
from labpass_server.model import found, meaning, objects, plan, rule
from labpass_server.model.cluster import Cluster
from labpass_server.model.handle import Handle
from labpass_server.model.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterSteps:
    """What would be done on one cluster if nothing else were amiss there."""

    cluster: str
    plan: plan.Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Who gains and loses what, in a person's words and in detail, and by which objects."""

    meaning: tuple[meaning.Meaning, ...]
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
        meaning=_meaning(tx, then, later, barred, now),
        change=plan.Change(gains=tuple(gains), loses=tuple(loses)),
        clusters=tuple(each for each in steps if not each.plan.is_empty),
    )


def _meaning(
    tx: Transaction,
    before: Sequence[rule.Rule],
    after: Sequence[rule.Rule],
    barred: frozenset[Handle],
    now: datetime,
) -> tuple[meaning.Meaning, ...]:
    projects = tx.projects.all()
    clusters = {each.id: each.name for each in tx.clusters.all()}
    changed = {each.subject for each in set(before) ^ set(after)}
    return tuple(
        each
        for subject in sorted(changed, key=lambda each: each.name)
        if subject.name not in barred
        for each in meaning.of_person(
            subject.name,
            meaning.Rules(
                [each for each in before if each.subject == subject],
                [each for each in after if each.subject == subject],
            ),
            projects,
            clusters,
            now=now,
        )
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
