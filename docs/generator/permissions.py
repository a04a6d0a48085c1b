"""Roles, what each may do in Labpass, and what each lets one do on a cluster."""

from collections import defaultdict
from typing import Final

from docs.generator import openapi
from docs.generator.page import code, page, table

from labpass.cluster import permission_sets
from labpass_server.model.role import EVERYBODY, ROLES, Permission

_WORDS: Final = {
    Permission.SELF_READ: "see oneself and one's own projects",
    Permission.PROJECT_LIST: "see the names of projects that are not hidden",
    Permission.PROJECT_READ: "see a project, a hidden one too",
    Permission.PROJECT_WRITE: "change a project",
    Permission.PROJECT_MANAGE: "make and delete projects, say where they live",
    Permission.RULE_READ: "see access rules",
    Permission.RULE_WRITE: "give, change and withdraw access",
    Permission.PERSON_READ: "see people",
    Permission.PERSON_WRITE: "make, disable and enable people, reset passwords",
    Permission.CLUSTER_READ: "see clusters",
    Permission.CLUSTER_WRITE: "add, connect and remove clusters, write bundles",
    Permission.CLIENT_READ: "see registered programs",
    Permission.CLIENT_WRITE: "register and remove programs",
}
_CLUSTER: Final = """\
## On a cluster

A permission set is one ClusterRole, bound in the namespaces of the scope's projects and nowhere else.
What no set gives: roles and bindings, service accounts and their tokens, quotas, nodes, `*/scale`, `*/status`, `pods/eviction`, `pods/ephemeralcontainers`,
`pods/resize`, and kinds that go on making new work by themselves.
[Admission policies](installed.md) take further things away."""


def render() -> str:
    """Return the page."""
    return page(
        "Permissions",
        "A role gives rights in Labpass itself and permission sets on clusters, both at the rule's scope.",
        "## Roles",
        table(("role", "who has it", "permission sets", "given for"), _roles()),
        "## Rights in Labpass",
        "Everybody who is signed in has `self.read` and `project.list`, without any rule.",
        table(("right", "lets one", *(f"{name}" for name in ROLES)), _rights()),
        "## Rights and routes",
        "Each route of [`/api/v1`](openapi.json) needs one right, at any scope; the use case then decides at the scope it is about.",
        table(("needs", "routes"), _routes()),
        _CLUSTER,
        *(_set(each) for each in permission_sets.SETS),
    )


def _roles() -> list[list[str]]:
    return [
        [
            f"`{role.name}`",
            role.about,
            code(each.name for each in permission_sets.SETS if each.name in role.power.sets),
            "the organisation" if role.organisation_only else "the organisation or one project",
        ]
        for role in ROLES.values()
    ]


def _rights() -> list[list[str]]:
    return [
        [
            f"`{right}`",
            _WORDS[right],
            *(
                "yes" if right in role.power.permissions | EVERYBODY else ""
                for role in ROLES.values()
            ),
        ]
        for right in Permission
    ]


def _routes() -> list[list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for route in openapi.door().table:
        is_right = isinstance(route.needs, Permission)
        found[f"`{route.needs}`" if is_right else "nothing"].append(f"{route.method} {route.path}")
    return [[needs, code(sorted(routes))] for needs, routes in sorted(found.items())]


def _set(each: permission_sets.PermissionSet) -> str:
    rows = [
        [f"`{rule.group or 'core'}`", code(rule.resources), code(rule.verbs)] for rule in each.rules
    ]
    title = f"### {each.name}\n\nClusterRole `{each.cluster_role}`: {each.about}.\n\n"
    return title + table(("API group", "resources", "verbs"), rows)
