"""How our values are written as Kubernetes objects, and read from them."""

from typing import Any

from labpass.cluster import names
from labpass_server.model.found import FoundBinding, FoundNamespace
from labpass_server.model.objects import Namespace, RoleBinding

Json = dict[str, Any]
_RBAC = "rbac.authorization.k8s.io"


def namespace(item: Namespace) -> Json:
    """Write a namespace."""
    labels = {
        names.MANAGED_BY: names.MANAGER,
        names.INSTALLATION: item.installation,
        names.PROJECT: item.project,
        names.POD_SECURITY_ENFORCE: item.pod_security.value,
    }
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {"name": item.name, "labels": labels},
    }


def binding(item: RoleBinding) -> Json:
    """Write a role binding."""
    return {
        "apiVersion": f"{_RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {
            "name": item.name,
            "namespace": item.namespace,
            "labels": {
                names.MANAGED_BY: names.MANAGER,
                names.INSTALLATION: item.installation,
            },
        },
        "roleRef": {"apiGroup": _RBAC, "kind": "ClusterRole", "name": item.cluster_role},
        "subjects": [{"apiGroup": _RBAC, "kind": "User", "name": each} for each in item.subjects],
    }


def found_namespace(body: Json) -> FoundNamespace:
    """Read a namespace; its token mount is known from its ``default`` account alone."""
    metadata = body["metadata"]
    labels = metadata.get("labels") or {}
    return FoundNamespace(
        name=metadata["name"],
        is_managed=labels.get(names.MANAGED_BY) == names.MANAGER,
        installation=labels.get(names.INSTALLATION),
        project=labels.get(names.PROJECT),
        pod_security=labels.get(names.POD_SECURITY_ENFORCE),
        is_terminating="deletionTimestamp" in metadata,
        token_mount_is_off=None,
    )


def found_binding(body: Json) -> FoundBinding:
    """Read a role binding."""
    metadata = body["metadata"]
    labels = metadata.get("labels") or {}
    role = body["roleRef"]
    subjects = body.get("subjects") or []
    is_set = role["kind"] == "ClusterRole" and role["apiGroup"] == _RBAC
    return FoundBinding(
        namespace=metadata["namespace"],
        name=metadata["name"],
        is_managed=labels.get(names.MANAGED_BY) == names.MANAGER,
        installation=labels.get(names.INSTALLATION),
        cluster_role=role["name"] if is_set else None,
        subjects=tuple(sorted(each["name"] for each in subjects if each["kind"] == "User")),
        has_strangers=any(each["kind"] != "User" for each in subjects),
    )
