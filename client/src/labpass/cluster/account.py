"""Our account in a cluster: a service account, and the least that reconciling needs.

It holds no ``escalate``, no ``impersonate``, no verb on roles but to bind and read our sets, none
on admission policies but to read ours, none on Secrets. `fence` says where it may use the rest.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from labpass.cluster import names, permission_sets
from labpass.cluster.manifest import Json, Manifest

RBAC: Final = "rbac.authorization.k8s.io"
_READ: Final = ("get", "list", "watch")


def objects(policies: Iterable[str]) -> tuple[Manifest, ...]:
    """Return the account and its rights; ``policies`` are those it may read, to report drift."""
    subject: Json = {
        "kind": "ServiceAccount",
        "name": names.ACCOUNT,
        "namespace": names.SYSTEM_NAMESPACE,
    }
    return (
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": metadata(names.ACCOUNT, names.SYSTEM_NAMESPACE),
            "automountServiceAccountToken": False,
        },
        _role("Role", _own_rules(), names.SYSTEM_NAMESPACE),
        _role("ClusterRole", _rules(tuple(policies)), ""),
        _bound("RoleBinding", "Role", subject, names.SYSTEM_NAMESPACE),
        _bound("ClusterRoleBinding", "ClusterRole", subject, ""),
    )


def metadata(name: str, namespace: str = "") -> Json:
    """Return metadata with our label."""
    place: dict[str, Json] = {"namespace": namespace} if namespace else {}
    return {"name": name, **place, "labels": {names.MANAGED_BY: names.MANAGER}}


def rule(
    group: str, resources: Sequence[str], verbs: Sequence[str], only: Sequence[str] = ()
) -> Json:
    """Return one rule of a role; ``only`` names the objects it is about."""
    body: dict[str, Json] = {
        "apiGroups": [group],
        "resources": list(resources),
        "verbs": list(verbs),
    }
    return {**body, "resourceNames": list(only)} if only else body


def _rules(policies: tuple[str, ...]) -> Sequence[Json]:
    sets = [each.cluster_role for each in permission_sets.SETS]
    kinds = (
        "validatingadmissionpolicies",
        "validatingadmissionpolicybindings",
        "mutatingadmissionpolicies",
        "mutatingadmissionpolicybindings",
    )
    return [
        rule("", ["namespaces"], [*_READ, "create", "patch"]),
        rule(
            "",
            ["resourcequotas", "limitranges"],
            [*_READ, "create", "patch", "delete"],
        ),
        rule(RBAC, ["rolebindings"], [*_READ, "create", "patch", "delete"]),
        rule(RBAC, ["clusterroles"], ["bind", "get"], sets),
        rule("", ["serviceaccounts"], ["get", "list", "patch"], ["default"]),
        rule("authorization.k8s.io", ["subjectaccessreviews"], ["create"]),
        rule("admissionregistration.k8s.io", kinds, ["get"], policies),
    ]


def _own_rules() -> Sequence[Json]:
    """Return what it may do in our own namespace: renew its token."""
    return [rule("", ["serviceaccounts/token"], ["create"], [names.ACCOUNT])]


def _role(kind: str, rules: Sequence[Json], namespace: str) -> Manifest:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": metadata(names.ACCOUNT, namespace),
        "rules": rules,
    }


def _bound(kind: str, role: str, subject: Json, namespace: str) -> Manifest:
    return {
        "apiVersion": f"{RBAC}/v1",
        "kind": kind,
        "metadata": metadata(names.ACCOUNT, namespace),
        "roleRef": {"apiGroup": RBAC, "kind": role, "name": names.ACCOUNT},
        "subjects": [subject],
    }
