"""One job of one pod, as a person asks for it on one line."""

from dataclasses import dataclass, field
from typing import Final

from labpass.workloads.kinds import names
from labpass.workloads.kinds.document import Json
from labpass.workloads.kinds.invalid import InvalidWorkload
from labpass.workloads.kinds.resources import Resources

SUBMITTED_BY: Final = "labpass.dev/submitted-by"
"""The label that the API server writes or demands; its value is the submitter's handle."""

MOST_RETRIES: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One environment variable; its value may be anything but a null character."""

    name: str
    value: str

    def __post_init__(self) -> None:
        names.check_environment("env", self.name)
        if "\0" in self.value:
            raise InvalidWorkload("env", f"the value of {self.name} holds a null character")


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job that runs one container to its end.

    ``command`` takes the place of the image's entry point; empty leaves it. ``retries`` counts only
    the job's own failures: a pod lost to a drained node or a preemption is started again for free.
    """

    name: str
    image: str
    command: tuple[str, ...] = ()
    env: tuple[Variable, ...] = ()
    resources: Resources = field(default_factory=Resources)
    retries: int = 0

    def __post_init__(self) -> None:
        names.check_label("name", self.name)
        names.check_image("image", self.image)
        if not 0 <= self.retries <= MOST_RETRIES:
            raise InvalidWorkload("retries", f"{self.retries} is not between 0 and {MOST_RETRIES}")
        seen: set[str] = set()
        for variable in self.env:
            if variable.name in seen:
                raise InvalidWorkload("env", f"{variable.name} is given twice")
            seen.add(variable.name)


def variable(written: str) -> Variable:
    """Read ``NAME=VALUE`` as a person writes it; the value may hold further ``=`` and be empty."""
    name, equals, value = written.partition("=")
    if not equals:
        raise InvalidWorkload("env", f"{written!r} has no =; write NAME=VALUE")
    return Variable(name=name, value=value)


def render(job: Job, *, namespace: str, submitter: str) -> dict[str, Json]:
    """Return the manifest of ``job``.

    ``submitter`` is the person's handle, empty where it is not known. The label is a courtesy to
    clusters below 1.36, whose policy only demands it; above, the API server writes it over whatever
    was sent.
    """
    labels: dict[str, Json] = {SUBMITTED_BY: submitter} if submitter else {}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": job.name, "namespace": namespace, "labels": labels},
        "spec": {
            "backoffLimit": job.retries,
            "podFailurePolicy": {
                "rules": [{"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]
            },
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "automountServiceAccountToken": False,
                    "restartPolicy": "Never",
                    "containers": [_container(job)],
                },
            },
        },
    }


def _container(job: Job) -> dict[str, Json]:
    parts: dict[str, Json] = {
        "name": "main",
        "image": job.image,
        "command": list(job.command),
        "env": [{"name": one.name, "value": one.value} for one in job.env],
        "resources": job.resources.render(),
    }
    return {name: part for name, part in parts.items() if part}
