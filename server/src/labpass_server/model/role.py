"""Roles: from one definition both the rights over Labpass's own entities and over a cluster.

A role is a list of `Permission` (what one may do here, at the role's scope) and of permission sets
(ClusterRoles ``labpass-<set>``, bound in the namespaces of the scope's projects). The sets are
defined in `labpass.cluster.permission_sets`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labpass.cluster import permission_sets


class Permission(StrEnum):
    """One right over the entities of Labpass."""

    SELF_READ = "self.read"
    PROJECT_LIST = "project.list"
    PROJECT_READ = "project.read"
    PROJECT_WRITE = "project.write"
    PROJECT_MANAGE = "project.manage"
    RULE_READ = "rule.read"
    RULE_WRITE = "rule.write"
    PERSON_READ = "person.read"
    PERSON_WRITE = "person.write"
    CLUSTER_READ = "cluster.read"
    CLUSTER_WRITE = "cluster.write"
    CLIENT_READ = "client.read"
    CLIENT_WRITE = "client.write"


EVERYBODY: Final = frozenset({Permission.SELF_READ, Permission.PROJECT_LIST})
"""What every person who is signed in may do, without any rule."""


class RoleName(StrEnum):
    """The built-in roles."""

    VIEWER = "viewer"
    RESEARCHER = "researcher"
    PROJECT_ADMINISTRATOR = "project-administrator"
    ORGANISATION_ADMINISTRATOR = "organisation-administrator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What a role, or several together, gives at one scope."""

    permissions: frozenset[Permission]
    sets: frozenset[str]

    def covers(self, other: "Power") -> bool:
        """Whether nothing in the other is missing here."""
        return other.permissions <= self.permissions and other.sets <= self.sets

    def and_also(self, other: "Power") -> "Power":
        """Both together."""
        return Power(permissions=self.permissions | other.permissions, sets=self.sets | other.sets)


NOTHING: Final = Power(permissions=frozenset(), sets=frozenset())


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role. ``organisation_only`` keeps it from being given in a single project."""

    name: RoleName
    about: str
    power: Power
    organisation_only: bool = False


_VIEWER: Final = Power(
    permissions=frozenset({Permission.PROJECT_READ}),
    sets=frozenset({permission_sets.VIEW.name}),
)
_RESEARCHER: Final = Power(
    permissions=_VIEWER.permissions,
    sets=frozenset(each.name for each in permission_sets.RESEARCHER),
)
_PROJECT_ADMINISTRATOR: Final = Power(
    permissions=_RESEARCHER.permissions
    | {Permission.PROJECT_WRITE, Permission.RULE_READ, Permission.RULE_WRITE},
    sets=_RESEARCHER.sets,
)
_ORGANISATION_ADMINISTRATOR: Final = Power(
    permissions=frozenset(Permission) - EVERYBODY,
    sets=frozenset(each.name for each in permission_sets.SETS),
)

ROLES: Final = {
    role.name: role
    for role in (
        Role(
            name=RoleName.VIEWER,
            about="sees a project's work",
            power=_VIEWER,
        ),
        Role(
            name=RoleName.RESEARCHER,
            about="runs jobs in a project and enters their pods",
            power=_RESEARCHER,
        ),
        Role(
            name=RoleName.PROJECT_ADMINISTRATOR,
            about="a researcher who also decides who else may use the project",
            power=_PROJECT_ADMINISTRATOR,
        ),
        Role(
            name=RoleName.ORGANISATION_ADMINISTRATOR,
            about="decides everything, in every project and on every cluster",
            power=_ORGANISATION_ADMINISTRATOR,
            organisation_only=True,
        ),
    )
}
"""Every role by its name, least first."""
