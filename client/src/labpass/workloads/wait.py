"""Waiting until a workload has ended."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from labpass import problems
from labpass.kube.client import Client
from labpass.workloads.kinds import allowed, state

WATCH_SECONDS: Final = 240
"""A watch ends by itself well before the token it was opened with; the next one has a fresh one."""


def until_finished(
    connect: Callable[[], Client],
    kind: allowed.Kind,
    name: str,
    *,
    namespace: str,
    seconds_left: Callable[[], float],
) -> Iterator[state.State]:
    """Yield each new state of a workload, the last being its end.

    ``connect`` gives a client with a live token each time it is called. Raises `problems.TimedOut`
    when no ``seconds_left``, `problems.NotFound` when the workload is deleted meanwhile.
    """
    last: state.State | None = None
    while True:
        with connect() as api:
            patience = max(1, min(WATCH_SECONDS, int(seconds_left())))
            for workload in _versions(api, kind, name, namespace, patience):
                now = _state(kind, workload)
                if now != last:
                    last = now
                    yield now
                if now.is_finished:
                    return
                if seconds_left() <= 0:
                    raise problems.TimedOut(f"{name} is still {now.status}.")


def _state(kind: allowed.Kind, workload: Mapping[str, Any]) -> state.State:
    return state.of_pod(workload) if kind is allowed.POD else state.of_job(workload)


def _versions(
    api: Client, kind: allowed.Kind, name: str, namespace: str, seconds: int
) -> Iterator[Mapping[str, Any]]:
    """Yield the workload as it is, then as it becomes, until the watch ends."""
    path = kind.collection(namespace)
    now = api.get(f"{path}/{name}")
    yield now
    params = {
        "watch": "true",
        "fieldSelector": f"metadata.name={name}",
        "resourceVersion": str(now["metadata"]["resourceVersion"]),
        "timeoutSeconds": str(seconds),
    }
    with api.lines(path, params) as lines:
        for line in lines:
            event = json.loads(line)
            if event["type"] == "DELETED":
                raise problems.NotFound(f"{name} was deleted before it ended.")
            if event["type"] not in {"ADDED", "MODIFIED"}:
                return  # a bookmark nobody asked for, or an expired version: start again
            yield event["object"]
