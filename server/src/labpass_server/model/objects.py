"""From rules to the Kubernetes objects that are wanted on one cluster. Pure.

One RoleBinding for each namespace and permission set, its subjects sorted. When there are many,
they are spread over shards by a hash of the name, so that a person who leaves moves nobody else.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from labpass.cluster import names
from labpass_server.model import rule
from labpass_server.model.cluster import Cluster
from labpass_server.model.handle import Handle
from labpass_server.model.project import PodSecurity, Project

SHARD: Final = 4096
"""Subjects in one binding, about. 20,000 were accepted by an API server, 30,000 were too large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """A project's namespace, as it shall be."""

    name: str
    installation: str
    project: str
    pod_security: PodSecurity


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleBinding:
    """A binding of one permission set in one namespace; ``subjects`` are user names, sorted."""

    namespace: str
    name: str
    installation: str
    cluster_role: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What shall be on one cluster; each namespace's ``default`` account mounts no token."""

    namespaces: tuple[Namespace, ...]
    bindings: tuple[RoleBinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Grant:
    """One person holds one permission set in one namespace of one cluster: what a plan talks of."""

    person: Handle
    project: str
    cluster: str
    namespace: str
    permission_set: str


def grants(
    cluster: Cluster,
    projects: Iterable[Project],
    rules: Iterable[rule.Rule],
    *,
    now: datetime,
    barred: frozenset[Handle] = frozenset(),
) -> frozenset[Grant]:
    """Spell out who holds what on a cluster. ``barred`` people (disabled ones) hold nothing."""
    by_scope: dict[rule.Scope, list[rule.Rule]] = {}  # not each rule against each project
    for each in rules:
        if each.is_live(now) and each.subject.name not in barred:
            by_scope.setdefault(each.scope, []).append(each)
    everywhere = by_scope.get(rule.Organisation(), [])
    return frozenset(
        Grant(
            person=one.subject.name,
            project=project.name,
            cluster=cluster.name,
            namespace=place.namespace,
            permission_set=name,
        )
        for project in projects
        for place in project.placements
        if place.cluster_id == cluster.id
        for one in (*everywhere, *by_scope.get(rule.InProject(project.id), ()))
        for name in one.power.sets
    )


def wanted(cluster: Cluster, projects: Iterable[Project], held: Iterable[Grant]) -> Wanted:
    """Turn grants on a cluster into objects, in a fixed order."""
    people: dict[tuple[str, str], list[str]] = {}
    for each in held:
        user = f"{cluster.username_prefix}{each.person}"
        people.setdefault((each.namespace, each.permission_set), []).append(user)
    return Wanted(
        namespaces=tuple(sorted(_namespaces(cluster, projects), key=lambda each: each.name)),
        bindings=tuple(
            binding
            for (namespace, permission_set), users in sorted(people.items())
            for binding in _bindings(cluster, namespace, permission_set, users)
        ),
    )


def _namespaces(cluster: Cluster, projects: Iterable[Project]) -> list[Namespace]:
    return [
        Namespace(
            name=place.namespace,
            installation=cluster.installation,
            project=project.name,
            pod_security=project.pod_security,
        )
        for project in projects
        for place in project.placements
        if place.cluster_id == cluster.id
    ]


def _bindings(
    cluster: Cluster, namespace: str, permission_set: str, users: list[str]
) -> list[RoleBinding]:
    return [
        RoleBinding(
            namespace=namespace,
            name=names.role_binding(namespace, permission_set, number),
            installation=cluster.installation,
            cluster_role=names.cluster_role(permission_set),
            subjects=subjects,
        )
        for number, subjects in enumerate(_shards(users))
        if subjects
    ]


def _shards(users: list[str]) -> list[tuple[str, ...]]:
    """Spread sorted users over a power of two of shards: the number changes seldom."""
    count = 1
    while len(users) > count * SHARD:
        count *= 2
    if count == 1:
        return [tuple(sorted(set(users)))]
    shards: list[list[str]] = [[] for _ in range(count)]
    for user in sorted(set(users)):
        shards[_hash(user) % count].append(user)
    return [tuple(each) for each in shards]


def _hash(user: str) -> int:
    return int.from_bytes(hashlib.sha256(user.encode()).digest()[:4], "big")
