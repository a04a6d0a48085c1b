"""Everything about one workload: its line of the list, its pods, what happened to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from labpass.kube.client import Client
from labpass.workloads import find
from labpass.workloads.kinds import allowed, row
from labpass.workloads.place import Place

MOST_PODS: Final = 20
"""Events are asked for one object at a time; of more pods the newest tell enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """One workload; events oldest first. All texts come from the cluster and are not trusted."""

    row: row.Row
    pods: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]


def describe(api: Client, found: find.Found, place: Place) -> Description:
    """Read what there is to tell about a workload that was found."""
    kind, workload = found
    pods = find.pods_of(api, found, namespace=place.namespace)
    jobs = () if kind is allowed.POD else (workload,)
    [shown, *_] = row.of_jobs(jobs, pods, project=place.project, cluster=place.cluster)
    about = [workload, *(() if kind is allowed.POD else pods[-MOST_PODS:])]
    events = [event for one in about for event in _events(api, one, place.namespace)]
    return Description(row=shown, pods=pods, events=sorted(events, key=happened_at))


def happened_at(event: Mapping[str, Any]) -> str:
    """Return when an event was last seen, as the API server writes times."""
    seen = event.get("series") or {}
    when = (
        seen.get("lastObservedTime")
        or event.get("lastTimestamp")
        or event.get("eventTime")
        or event["metadata"].get("creationTimestamp")
    )
    return str(when or "")


def _events(api: Client, about: Mapping[str, Any], namespace: str) -> list[Mapping[str, Any]]:
    uid = about["metadata"]["uid"]
    path = f"/api/v1/namespaces/{namespace}/events"
    return list(api.list(path, {"fieldSelector": f"involvedObject.uid={uid}"}))
