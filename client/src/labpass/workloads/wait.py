"""Waiting until a workload has ended."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from labpass import problems
from labpass.kube.client import Client
from labpass.workloads import find
from labpass.workloads.kinds import allowed, state

LONGEST_WATCH: Final = 15
"""Seconds; then pods are read again, whose reasons the job itself does not tell."""
MOST_LOST: Final = 5
"""Connections lost one after the other before it is said."""


def until_finished(
    connect: Callable[[], Client],
    what: tuple[allowed.Kind, str],
    *,
    namespace: str,
    seconds_left: Callable[[], float],
    pause: Callable[[], None],
) -> Iterator[state.State]:
    """Yield each new state of a workload, given by kind and name, the last being its end.

    ``connect`` gives a client with a live token each time it is called; a connection that breaks is
    made again after a ``pause``. Raises `problems.TimedOut` when no ``seconds_left``,
    `problems.NotFound` when the workload is deleted meanwhile.
    """
    kind, name = what
    last: state.State | None = None
    lost = 0
    while True:
        try:
            with connect() as api:
                seconds = max(1, min(LONGEST_WATCH, int(seconds_left())))
                for now in _states(api, kind, name, namespace, seconds):
                    if now != last:
                        yield now
                    last, lost = now, 0
                    if now.is_finished:
                        return
        except problems.Unreachable:
            lost += 1
            if lost > MOST_LOST or last is None:
                raise
            pause()
        if seconds_left() <= 0:
            raise problems.TimedOut(f"{name} is still {last.status if last else 'unknown'}.")


def _states(
    api: Client, kind: allowed.Kind, name: str, namespace: str, seconds: int
) -> Iterator[state.State]:
    """Yield the state as it is, then as it becomes, for some seconds."""
    path = kind.collection(namespace)
    workload = api.get(f"{path}/{name}")
    pods = find.pods_of(api, (kind, workload), namespace=namespace)
    yield _state(kind, workload, pods)
    for changed in _changes(api, path, workload, seconds):
        now = _state(kind, changed, ())
        # Only its pods know why a job waits, which the next round reads, and how it failed.
        if now.status is state.Status.FAILED:
            now = _state(kind, changed, find.pods_of(api, (kind, changed), namespace=namespace))
        if now.status is not state.Status.PENDING:
            yield now


def _state(kind: allowed.Kind, workload: Mapping[str, Any], pods: find.Pods) -> state.State:
    return state.of_pod(workload) if kind is allowed.POD else state.of_job(workload, pods)


def _changes(
    api: Client, path: str, workload: Mapping[str, Any], seconds: int
) -> Iterator[Mapping[str, Any]]:
    """Yield each new version of one object until the watch ends by itself."""
    metadata = workload["metadata"]
    params = {
        "watch": "true",
        "fieldSelector": f"metadata.name={metadata['name']}",
        "resourceVersion": str(metadata["resourceVersion"]),
        "timeoutSeconds": str(seconds),
    }
    with api.lines(path, params) as lines:
        for line in lines:
            event = json.loads(line)
            if event["type"] == "DELETED":
                raise problems.NotFound(f"{metadata['name']} was deleted before it ended.")
            if event["type"] not in {"ADDED", "MODIFIED"}:
                return  # that version is too old to watch from: start again
            yield event["object"]
