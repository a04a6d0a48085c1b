"""The permission sets: small ClusterRoles, bound in project namespaces and nowhere else.

What no set gives, on purpose: roles and bindings, service accounts and their tokens, quotas, nodes,
``*/scale`` (a Scale carries no labels, so more pods would run under another's name), ``*/status``,
``pods/eviction``, ``pods/ephemeralcontainers``, ``pods/resize``. CronJobs, Deployments and their
like are not given either: they go on making new work after the rule that let them in has ended.
The policies cover them all the same, for a site that gives them by a role of its own.
"""

from dataclasses import dataclass
from typing import Final

from labpass.cluster import names

READ: Final = ("get", "list", "watch")
WRITE: Final = ("create", "update", "patch", "delete", "deletecollection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a ClusterRole: every verb on every resource of one API group (``""`` is core)."""

    group: str
    resources: tuple[str, ...]
    verbs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet:
    """An atom of access. ``about`` is shown to administrators; a role is a list of ``name``."""

    name: str
    about: str
    rules: tuple[Rule, ...]

    @property
    def cluster_role(self) -> str:
        """The name of its ClusterRole."""
        return names.cluster_role(self.name)


VIEW: Final = PermissionSet(
    name="view",
    about="see the project's work: jobs, pods, logs, events, quota; no secrets",
    rules=(
        Rule(
            group="",
            resources=(
                "configmaps",
                "events",
                "limitranges",
                "persistentvolumeclaims",
                "pods",
                "pods/log",
                "pods/status",
                "resourcequotas",
                "services",
            ),
            verbs=READ,
        ),
        # Bound in a namespace this shows that namespace alone: its labels name the project.
        Rule(group="", resources=("namespaces",), verbs=("get",)),
        Rule(
            group="apps",
            resources=("daemonsets", "deployments", "replicasets", "statefulsets"),
            verbs=READ,
        ),
        Rule(group="batch", resources=("cronjobs", "jobs", "jobs/status"), verbs=READ),
        Rule(group="events.k8s.io", resources=("events",), verbs=READ),
        Rule(
            group="resource.k8s.io",
            resources=("resourceclaims", "resourceclaimtemplates"),
            verbs=READ,
        ),
    ),
)

SUBMIT: Final = PermissionSet(
    name="submit",
    about="create, suspend and delete jobs and pods, and the services between their pods",
    rules=(
        Rule(group="batch", resources=("jobs",), verbs=WRITE),
        Rule(group="", resources=("pods", "services"), verbs=WRITE),
    ),
)

INTERACT: Final = PermissionSet(
    name="interact",
    about="enter running pods: exec, attach, port-forward",
    rules=(
        Rule(
            group="",
            resources=("pods/attach", "pods/exec", "pods/portforward"),
            # A WebSocket begins with GET; until 1.34 the API server asks for `get`, later for both.
            verbs=("create", "get"),
        ),
    ),
)

DATA: Final = PermissionSet(
    name="data",
    about="make and read volume claims, config maps, secrets and device claims of the project",
    rules=(
        Rule(
            group="",
            resources=("configmaps", "persistentvolumeclaims", "secrets"),
            verbs=READ + WRITE,
        ),
        Rule(
            group="resource.k8s.io",
            resources=("resourceclaims", "resourceclaimtemplates"),
            verbs=READ + WRITE,
        ),
    ),
)

SETS: Final = (VIEW, SUBMIT, INTERACT, DATA)
RESEARCHER: Final = SETS
"""A researcher has every set; a viewer `VIEW` alone."""
