"""Finding a workload by its name: a job, or a pod that nobody controls."""

from collections.abc import Mapping, Sequence
from typing import Any

from labpass import problems
from labpass.kube.client import Client
from labpass.workloads.kinds import allowed, row

Found = tuple[allowed.Kind, Mapping[str, Any]]
Pods = Sequence[Mapping[str, Any]]


def find(api: Client, name: str, *, namespace: str) -> Found | None:
    """Return the workload called ``name`` and its kind, None where there is none.

    A job wins over a pod of the same name. Raises `problems.Forbidden` as the API server says it.
    """
    for kind in (allowed.JOB, allowed.POD):
        try:
            return kind, api.get(f"{kind.collection(namespace)}/{name}")
        except problems.NotFound:
            continue
    return None


def pods_of(api: Client, found: Found, *, namespace: str) -> Pods:
    """Return the pods of a workload, the newest last."""
    kind, workload = found
    if kind is allowed.POD:
        return (workload,)
    name = workload["metadata"]["name"]
    pods = api.list(allowed.POD.collection(namespace), {"labelSelector": f"{row.JOB_NAME}={name}"})
    return sorted(pods, key=lambda pod: str(pod["metadata"].get("creationTimestamp") or ""))
