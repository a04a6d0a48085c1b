"""An access rule: a subject holds a role at a scope, perhaps until a date."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeAlias

from labpass_server.model.handle import Handle
from labpass_server.model.project import ProjectId
from labpass_server.model.role import NOTHING, ROLES, Power, RoleName

RuleId = NewType("RuleId", str)


class SubjectKind(StrEnum):
    """Who can be given a role; groups and service accounts come later."""

    PERSON = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Who a rule is about. ``name`` is a person's handle: never changed and never used again."""

    kind: SubjectKind
    name: Handle


@dataclass(frozen=True, slots=True)
class Organisation:
    """The scope of everything."""


@dataclass(frozen=True, slots=True)
class InProject:
    """The scope of one project."""

    project_id: ProjectId


Scope: TypeAlias = Organisation | InProject


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One access rule. It ends by itself at ``ends_at``.

    ``revision`` is that of its last change: a cluster whose last pass saw it has applied the rule.
    """

    id: RuleId
    subject: Subject
    role: RoleName
    scope: Scope
    ends_at: datetime | None
    reason: str
    created_by: Handle
    created_at: datetime
    revision: int

    def is_live(self, now: datetime) -> bool:
        """Whether it gives anything at that moment. The end itself is outside."""
        return self.ends_at is None or now < self.ends_at

    def lasts(self, until: datetime | None) -> bool:
        """Whether it gives what it gives up to that moment; ``None`` is for ever."""
        return self.ends_at is None or (until is not None and until <= self.ends_at)

    def reaches(self, scope: Scope) -> bool:
        """Whether what it gives counts at that scope: there, or inherited from above."""
        return self.scope in {scope, Organisation()}

    @property
    def is_lasting_administrator(self) -> bool:
        """Whether it makes somebody an administrator of everything, for ever."""
        return self.role == RoleName.ORGANISATION_ADMINISTRATOR and self.ends_at is None

    @property
    def power(self) -> Power:
        """What it gives."""
        return ROLES[self.role].power


def person(handle: Handle) -> Subject:
    """Name a person as the subject of a rule."""
    return Subject(kind=SubjectKind.PERSON, name=handle)


def power_at(scope: Scope, rules: Iterable[Rule], *, now: datetime) -> Power:
    """Add up what one subject's rules give at a scope."""
    total = NOTHING
    for each in rules:
        if each.is_live(now) and each.reaches(scope):
            total = total.and_also(each.power)
    return total
