"""Use cases of projects, and of what they are to the one who asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from labpass_server.access import caller as callers
from labpass_server.access import events
from labpass_server.access.caller import Caller
from labpass_server.access.grantors import Grantors
from labpass_server.access.ports import Store, Transaction
from labpass_server.kit import random
from labpass_server.model import decide, project, rule
from labpass_server.model.decide import Allowed
from labpass_server.model.errors import Conflict, Invalid
from labpass_server.model.handle import Handle
from labpass_server.model.role import Permission


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """What an administrator says about a new project; ``namespace`` ``None`` is the usual one."""

    name: str
    clusters: tuple[str, ...]
    namespace: str | None
    is_hidden: bool
    pod_security: project.PodSecurity


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What shall be different about a project; ``None`` leaves a thing as it is."""

    is_hidden: bool | None
    pod_security: project.PodSecurity | None
    clusters: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A project's namespace on a cluster; ``is_ready`` once it stands there."""

    cluster: str
    namespace: str
    is_ready: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A project; ``places`` only for those who may read it.

    ``grantors`` are those who can give access to it: for everybody who may know of it.
    """

    project: project.Project
    places: tuple[Place, ...]
    grantors: tuple[Handle, ...]


class Projects:
    """Everything one can do with projects."""

    def __init__(self, *, store: Store, changed: Callable[[], None]) -> None:
        self._store = store
        self._changed = changed

    async def all(self, caller: Caller, *, now: datetime) -> Sequence[Shown]:
        """Return the projects that the caller may know of, by name."""

        def work(tx: Transaction) -> list[Shown]:
            own = callers.rules_of(tx, caller)
            could = Grantors(tx, now=now)
            return [
                _shown(tx, each, could, may_read=may_read)
                for each in tx.projects.all()
                for may_read in [_may_read(each, own, now)]
                if may_read or not each.is_hidden
            ]

        return await self._store.read(work)

    async def get(self, caller: Caller, name: str, *, now: datetime) -> Shown:
        """Return one project, if the caller may know of it."""

        def work(tx: Transaction) -> Shown:
            found = callers.get_project(tx, caller, name, now=now)
            may_read = _may_read(found, callers.rules_of(tx, caller), now)
            return _shown(tx, found, Grantors(tx, now=now), may_read=may_read)

        return await self._store.read(work)

    async def add(self, caller: Caller, new: NewProject, *, now: datetime) -> Shown:
        """Make a project; its namespaces follow at once."""
        name = project.valid_name(new.name)
        namespace = project.valid_namespace(new.namespace or project.default_namespace(name))

        def work(tx: Transaction) -> Shown:
            _require_manage(tx, caller, now)
            if tx.projects.find(name) is not None:
                raise Conflict(f"there is a project {name} already")
            made = project.Project(
                id=project.ProjectId(random.identifier()),
                name=name,
                is_hidden=new.is_hidden,
                pod_security=new.pod_security,
                placements=_places(tx, new.clusters, namespace),
                created_at=now,
            )
            tx.revisions.bump()
            tx.projects.add(made)
            events.append(tx, caller, events.Kind.PROJECT_ADDED, name, now=now)
            return _shown(tx, made, Grantors(tx, now=now))

        return await self._write(work)

    async def change(self, caller: Caller, name: str, edit: Edit, *, now: datetime) -> Shown:
        """Change a project. Where it lies is for those who manage projects."""

        def work(tx: Transaction) -> Shown:
            tx.revisions.bump()  # first: of two edits at once, the second starts from the first's
            found = callers.get_project(tx, caller, name, now=now)
            scope = rule.InProject(found.id)
            callers.require(tx, caller, Permission.PROJECT_WRITE, scope, now=now)
            changed = replace(
                found,
                is_hidden=found.is_hidden if edit.is_hidden is None else edit.is_hidden,
                pod_security=edit.pod_security or found.pod_security,
            )
            if edit.clusters is not None:
                _require_manage(tx, caller, now)
                changed = replace(changed, placements=_moved(tx, found, edit.clusters))
            tx.projects.replace(changed)
            events.append(tx, caller, events.Kind.PROJECT_CHANGED, name, now=now)
            return _shown(tx, changed, Grantors(tx, now=now))

        return await self._write(work)

    async def remove(self, caller: Caller, name: str, *, now: datetime) -> Shown:
        """Remove a project with its rules. Its namespaces stay, with nobody in them.

        Returns the project as it was, so that whoever asked can be told what stays.
        """

        def work(tx: Transaction) -> Shown:
            tx.revisions.bump()
            found = callers.get_project(tx, caller, name, now=now)
            _require_manage(tx, caller, now)
            shown = _shown(tx, found, Grantors(tx, now=now))
            tx.projects.remove(found.id)
            events.append(tx, caller, events.Kind.PROJECT_REMOVED, name, now=now)
            return shown

        return await self._write(work)

    async def _write(self, work: Callable[[Transaction], Shown]) -> Shown:
        shown = await self._store.write(work)
        self._changed()
        return shown


def _may_read(found: project.Project, own: Sequence[rule.Rule], now: datetime) -> bool:
    scope = rule.InProject(found.id)
    return decide.decide(Permission.PROJECT_READ, scope, own, now=now) == Allowed()


def _require_manage(tx: Transaction, caller: Caller, now: datetime) -> None:
    callers.require(tx, caller, Permission.PROJECT_MANAGE, rule.Organisation(), now=now)


def _places(
    tx: Transaction, clusters: Sequence[str], namespace: str
) -> tuple[project.Placement, ...]:
    places = []
    for name in dict.fromkeys(clusters):
        found = tx.clusters.find(name)
        if found is None:
            raise Invalid("clusters", f"there is no cluster {name}")
        places.append(project.Placement(cluster_id=found.id, namespace=namespace))
    return tuple(places)


def _moved(
    tx: Transaction, found: project.Project, clusters: Sequence[str]
) -> tuple[project.Placement, ...]:
    """Keep the namespaces where the project is already, add the usual one elsewhere."""
    there = {each.cluster_id: each for each in found.placements}
    wanted = _places(tx, clusters, project.default_namespace(found.name))
    return tuple(there.get(each.cluster_id, each) for each in wanted)


def _shown(
    tx: Transaction, found: project.Project, could: Grantors, *, may_read: bool = True
) -> Shown:
    places = []
    for each in found.placements if may_read else ():
        place = tx.clusters.find_by_id(each.cluster_id)
        if place is None:
            continue
        last = tx.clusters.last_pass(each.cluster_id)
        is_ready = (
            last is not None and last.has_done(0, each.namespace) and (last.at > found.created_at)
        )
        places.append(Place(cluster=place.name, namespace=each.namespace, is_ready=is_ready))
    grantors = could.at(rule.InProject(found.id))
    return Shown(project=found, places=tuple(places), grantors=grantors)
