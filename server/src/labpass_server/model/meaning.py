"""What a change of rules means for people, place by place: what a person reads of a plan."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from labpass.cluster import permission_sets
from labpass_server.model import rule
from labpass_server.model.cluster import ClusterId
from labpass_server.model.handle import Handle
from labpass_server.model.project import Project
from labpass_server.model.role import ROLES, Power, RoleName

_Place: TypeAlias = tuple[str | None, str | None, str | None]
"""Project, cluster and namespace."""
_SETS: Final = tuple(each.name for each in permission_sets.SETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What changes for one person in one place.

    ``project`` is ``None`` for the organisation itself, ``cluster`` and ``namespace`` are ``None``
    where no cluster is concerned. A role is the strongest held there, ``None`` for none. ``gains``
    and ``loses`` are permission sets, in their own order; the other two are rights over Labpass's
    own entities, sorted.
    """

    person: Handle
    project: str | None
    cluster: str | None
    namespace: str | None
    role_before: RoleName | None
    role_after: RoleName | None
    gains: tuple[str, ...]
    loses: tuple[str, ...]
    gains_in_labpass: tuple[str, ...]
    loses_in_labpass: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether all stays as it was."""
        rights = (self.gains, self.loses, self.gains_in_labpass, self.loses_in_labpass)
        return self.role_before == self.role_after and not any(rights)


@dataclass(frozen=True, slots=True)
class Rules:
    """One person's live rules before and after a change."""

    before: Sequence[rule.Rule]
    after: Sequence[rule.Rule]


def of_person(
    person: Handle,
    rules: Rules,
    projects: Iterable[Project],
    clusters: Mapping[ClusterId, str],
    *,
    now: datetime,
) -> list[Meaning]:
    """Return what changes for one person: in the organisation, then project by project.

    ``clusters`` are names by id.
    """
    found = [_at(person, rules, rule.Organisation(), (None, None, None), now)]
    for project in projects:
        scope = rule.InProject(project.id)
        places: list[_Place] = [
            (project.name, clusters[each.cluster_id], each.namespace) for each in project.placements
        ]
        found += [
            _at(person, rules, scope, place, now)
            for place in places or [(project.name, None, None)]
        ]
    return [each for each in found if not each.is_nothing]


def _at(
    person: Handle,
    rules: Rules,
    scope: rule.Scope,
    place: _Place,
    now: datetime,
) -> Meaning:
    project, cluster, namespace = place
    before = rule.power_at(scope, rules.before, now=now)
    after = rule.power_at(scope, rules.after, now=now)
    # The sets count where there is a namespace; in the organisation itself there is none.
    gains, loses = (_sets(after, before), _sets(before, after)) if cluster else ((), ())
    return Meaning(
        person=person,
        project=project,
        cluster=cluster,
        namespace=namespace,
        role_before=_strongest(rules.before, scope, now),
        role_after=_strongest(rules.after, scope, now),
        gains=gains,
        loses=loses,
        gains_in_labpass=tuple(sorted(after.permissions - before.permissions)),
        loses_in_labpass=tuple(sorted(before.permissions - after.permissions)),
    )


def _sets(more: Power, less: Power) -> tuple[str, ...]:
    return tuple(each for each in _SETS if each in more.sets - less.sets)


def _strongest(rules: Iterable[rule.Rule], scope: rule.Scope, now: datetime) -> RoleName | None:
    held = {each.role for each in rules if each.is_live(now) and each.reaches(scope)}
    return next((name for name in reversed(ROLES) if name in held), None)
