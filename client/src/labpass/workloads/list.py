"""Listing what runs in a project."""

from collections.abc import Mapping
from typing import Any

from labpass.kube.client import Client
from labpass.workloads.kinds import allowed, row
from labpass.workloads.place import Place


def load(api: Client, place: Place) -> list[row.Row]:
    """Return the workloads of one project on one cluster, oldest first.

    Pages through all of them. Pods of jobs are read only while they have something to tell: those
    that ended well say nothing that their job does not.
    """
    jobs = api.list(allowed.JOB.collection(place.namespace))
    pods = allowed.POD.collection(place.namespace)
    telling = {"labelSelector": row.JOB_NAME, "fieldSelector": "status.phase!=Succeeded"}
    lone = {"labelSelector": f"!{row.JOB_NAME}"}
    rows = row.of_jobs(
        [_named(allowed.JOB, job) for job in jobs],
        [_named(allowed.POD, pod) for pod in (*api.list(pods, telling), *api.list(pods, lone))],
        project=place.project,
        cluster=place.cluster,
    )
    return sorted(rows, key=lambda one: (str(one.created_at or ""), one.name))


def _named(kind: allowed.Kind, item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give an item of a list the kind that only the list itself says."""
    return {"apiVersion": kind.api_version, "kind": kind.name, **item}
