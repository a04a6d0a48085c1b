"""What a workload's containers wrote."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from labpass import problems
from labpass.kube import answers
from labpass.kube.client import Client
from labpass.workloads import find
from labpass.workloads.kinds import allowed

BAD_REQUEST: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which part of a log; ``tail`` and ``since_seconds`` are None for everything."""

    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail: int | None = None
    since_seconds: int | None = None
    container: str | None = None

    def params(self) -> dict[str, str]:
        """Return the query as the API server wants it, without what was not wished."""
        wished = {
            "follow": "true" if self.follow else None,
            "previous": "true" if self.previous else None,
            "timestamps": "true" if self.timestamps else None,
            "tailLines": self.tail,
            "sinceSeconds": self.since_seconds,
            "container": self.container,
        }
        return {name: str(value) for name, value in wished.items() if value is not None}


def get_pod(api: Client, found: find.Found, *, namespace: str) -> Mapping[str, Any]:
    """Return the pod whose log a person means: the newest. Raises where there is none yet."""
    pods = find.pods_of(api, found, namespace=namespace)
    if not pods:
        name = found[1]["metadata"]["name"]
        hint = f"labpass describe {name}"
        raise problems.NotFound(f"{name} has no pod yet, so there is no log.", hint=hint)
    return pods[-1]


def read(
    api: Client,
    pod: str,
    *,
    namespace: str,
    wish: Wish,
    pause: Callable[[], None],
) -> Iterator[str]:
    """Yield the lines of one pod's log as they come, without their line ends; untrusted text.

    Who follows a pod that has not started waits for it, with a ``pause`` between two looks.
    """
    path = f"{allowed.POD.collection(namespace)}/{pod}/log"
    while True:
        try:
            with api.lines(path, wish.params()) as lines:
                yield from lines
        except problems.Problem as e:
            if not (wish.follow and _is_not_there_yet(e)):
                raise
            pause()
        else:
            return


def _is_not_there_yet(problem: problems.Problem) -> bool:
    """Tell whether the API server spoke of a container that has still to start (its words only)."""
    said = answers.cause(problem)
    waits = ("is waiting to start", "does not have a host assigned", "PodInitializing")
    return (
        said is not None and said.code == BAD_REQUEST and any(one in said.message for one in waits)
    )
