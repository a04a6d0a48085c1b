"""Wanted against found: the steps that make a cluster as it shall be. Pure.

Revokes come first and are a list of their own, so that none waits behind a grant that fails. A
foreign object is never touched and no namespace is ever deleted; what stands in the way is said.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias

from labpass_server.model.found import Found, FoundBinding, FoundNamespace
from labpass_server.model.objects import Grant, Namespace, RoleBinding, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Create:
    """Make an object that is absent; if it is there after all, it is foreign and stays."""

    item: Namespace | RoleBinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Apply:
    """Bring an object of ours back to what it shall be."""

    item: Namespace | RoleBinding


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Remove a binding of ours."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchOffTokenMount:
    """Patch the ``default`` account of a project's namespace."""

    namespace: str


Step: TypeAlias = Create | Apply | Delete | SwitchOffTokenMount


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """Something that keeps a namespace from being as it shall be. ``passes`` by itself or never."""

    namespace: str
    reason: str
    passes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The steps for one cluster: all of ``revokes``, then ``namespaces``, then ``grants``."""

    revokes: tuple[Step, ...]
    namespaces: tuple[Step, ...]
    grants: tuple[Step, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.revokes or self.namespaces or self.grants)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a change of rules means for people."""

    gains: tuple[Grant, ...]
    loses: tuple[Grant, ...]


def change(before: frozenset[Grant], after: frozenset[Grant]) -> Change:
    """Tell who gains and who loses what, sorted."""
    return Change(gains=tuple(sorted(after - before)), loses=tuple(sorted(before - after)))


def plan(wanted: Wanted, found: Found, *, installation: str) -> Plan:
    """Compare what is wanted with what was found; the same input gives the same plan."""
    there = {each.name: each for each in found.namespaces}
    closed = _obstacles(wanted.namespaces, there, installation)
    shut = frozenset(each.namespace for each in closed)
    open_bindings = [each for each in wanted.bindings if each.namespace not in shut]
    bound = {(each.namespace, each.name): each for each in found.bindings}
    kept = {(each.namespace, each.name) for each in wanted.bindings}
    edits = [(each, bound.get((each.namespace, each.name))) for each in open_bindings]
    return Plan(
        revokes=(
            *_deletions(found.bindings, kept, there, installation),
            *(step for one, old in edits if old is not None for step in _narrow(one, old)),
        ),
        namespaces=_namespace_steps(wanted.namespaces, there, shut),
        grants=tuple(step for one, old in edits for step in _widen(one, old)),
        obstacles=(*closed, *_foreign_bindings(edits, installation)),
    )


def _obstacles(
    wanted: Iterable[Namespace], there: dict[str, FoundNamespace], installation: str
) -> tuple[Obstacle, ...]:
    obstacles = []
    for each in wanted:
        found = there.get(each.name)
        if found is None:
            continue
        if found.is_terminating:
            reason = f"namespace {each.name} is being deleted"
            obstacles.append(Obstacle(namespace=each.name, reason=reason, passes=True))
        elif not found.is_ours(installation):
            reason = f"namespace {each.name} exists and is not ours"
            obstacles.append(Obstacle(namespace=each.name, reason=reason, passes=False))
        elif found.project != each.project:
            reason = f"namespace {each.name} belongs to the project {found.project}"
            obstacles.append(Obstacle(namespace=each.name, reason=reason, passes=False))
    return tuple(obstacles)


def _foreign_bindings(
    edits: Iterable[tuple[RoleBinding, FoundBinding | None]], installation: str
) -> list[Obstacle]:
    return [
        Obstacle(
            namespace=one.namespace,
            reason=f"binding {one.name} in {one.namespace} exists and is not ours",
            passes=False,
        )
        for one, old in edits
        if old is not None and not old.is_ours(installation)
    ]


def _deletions(
    bindings: Iterable[FoundBinding],
    kept: set[tuple[str, str]],
    there: dict[str, FoundNamespace],
    installation: str,
) -> list[Step]:
    """Bindings of ours that no rule asks for, in namespaces that are ours and are not going."""
    return [
        Delete(namespace=each.namespace, name=each.name)
        for each in bindings
        if (each.namespace, each.name) not in kept
        and each.is_ours(installation)
        and _is_open(there.get(each.namespace), installation)
    ]


def _is_open(namespace: FoundNamespace | None, installation: str) -> bool:
    return (
        namespace is not None and namespace.is_ours(installation) and not namespace.is_terminating
    )


def _narrow(wanted: RoleBinding, found: FoundBinding) -> list[Step]:
    """What must go before anything comes: a wrong role, or somebody who holds it no more."""
    if not found.is_ours(wanted.installation):
        return []
    if found.cluster_role != wanted.cluster_role:  # roleRef is immutable: delete, and create below
        return [Delete(namespace=found.namespace, name=found.name)]
    if found.has_strangers or set(found.subjects) - set(wanted.subjects):
        return [Apply(item=wanted)]
    return []


def _widen(wanted: RoleBinding, found: FoundBinding | None) -> list[Step]:
    """What comes after the revokes: a new binding, or more people in one."""
    if found is None:
        return [Create(item=wanted)]
    if not found.is_ours(wanted.installation) or found.equals(wanted):
        return []
    if found.cluster_role != wanted.cluster_role:
        return [Create(item=wanted)]
    return [] if _narrow(wanted, found) else [Apply(item=wanted)]


def _namespace_steps(
    wanted: Iterable[Namespace], there: dict[str, FoundNamespace], shut: frozenset[str]
) -> tuple[Step, ...]:
    steps: list[Step] = []
    for each in wanted:
        found = there.get(each.name)
        if each.name in shut:
            continue
        if found is None:
            steps.append(Create(item=each))
        elif not found.equals(each):
            steps.append(Apply(item=each))
        if found is not None and found.token_mount_is_off is False:
            steps.append(SwitchOffTokenMount(namespace=each.name))
    return tuple(steps)
