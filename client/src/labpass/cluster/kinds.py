"""Which kinds make pods, and where in them pod templates stand: one table for every policy.

A kind of an operator joins by a line here and a stamp that can write into its shape, and only
where its CRD is installed; `Shape.REPLICATED_JOBS` (JobSet) and `Shape.REPLICA_SPECS` (PyTorchJob)
have their places in the objects already.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never


class Shape(StrEnum):
    """Where an object holds its pod templates."""

    POD = "pod"
    TEMPLATE = "template"
    SPEC_TEMPLATE = "spec.template"
    JOB_TEMPLATE = "spec.jobTemplate"
    REPLICATED_JOBS = "spec.replicatedJobs"
    REPLICA_SPECS = "spec.pytorchReplicaSpecs"


@dataclass(frozen=True, slots=True, kw_only=True)
class PodMaker:
    """A kind that is a pod or makes pods. ``subresources`` are those that can write its labels."""

    group: str
    resource: str
    shape: Shape
    subresources: tuple[str, ...] = ("status",)


POD_MAKERS: Final = (
    PodMaker(
        group="",
        resource="pods",
        shape=Shape.POD,
        subresources=("status", "ephemeralcontainers", "resize", "binding"),
    ),
    PodMaker(group="", resource="podtemplates", shape=Shape.TEMPLATE, subresources=()),
    PodMaker(group="", resource="replicationcontrollers", shape=Shape.SPEC_TEMPLATE),
    PodMaker(group="apps", resource="daemonsets", shape=Shape.SPEC_TEMPLATE),
    PodMaker(group="apps", resource="deployments", shape=Shape.SPEC_TEMPLATE),
    PodMaker(group="apps", resource="replicasets", shape=Shape.SPEC_TEMPLATE),
    PodMaker(group="apps", resource="statefulsets", shape=Shape.SPEC_TEMPLATE),
    PodMaker(group="batch", resource="cronjobs", shape=Shape.JOB_TEMPLATE),
    PodMaker(group="batch", resource="jobs", shape=Shape.SPEC_TEMPLATE),
)
"""Every kind of Kubernetes itself that makes pods; a test asks a real API server for others."""


def by_group(
    makers: tuple[PodMaker, ...], *, subresources: bool
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each API group with its resources, sorted, with or without subresources."""
    found: dict[str, list[str]] = {}
    for maker in makers:
        listed = found.setdefault(maker.group, [])
        listed.append(maker.resource)
        listed += [f"{maker.resource}/{sub}" for sub in maker.subresources if subresources]
    return tuple((group, tuple(sorted(listed))) for group, listed in sorted(found.items()))


def guard(shape: Shape, holder: str) -> str:
    """Give CEL that tells whether ``holder`` has this shape."""
    match shape:
        case Shape.POD:
            return "request.kind.kind == 'Pod'"
        case Shape.TEMPLATE:
            return f"has({holder}.template)"
        case _:
            return f"has({holder}.spec) && has({holder}.{shape})"


def templates(shape: Shape, holder: str) -> str:
    """Give CEL for the list of pod templates in ``holder``; of a pod, the pod itself."""
    match shape:
        case Shape.POD:
            return f"[{holder}]"
        case Shape.TEMPLATE | Shape.SPEC_TEMPLATE:
            return f"[{holder}.{shape}]"
        case Shape.JOB_TEMPLATE:
            return f"[{holder}.{shape}.spec.template]"
        case Shape.REPLICATED_JOBS:
            return f"{holder}.{shape}.map(r, r.template.spec.template)"
        case Shape.REPLICA_SPECS:
            return f"{holder}.{shape}.map(k, {holder}.{shape}[k].template)"
        case other:
            assert_never(other)


def jobs_between(shape: Shape, holder: str) -> str:
    """Give CEL for the list of job templates between an object and its pod templates."""
    match shape:
        case Shape.JOB_TEMPLATE:
            return f"[{holder}.{shape}]"
        case Shape.REPLICATED_JOBS:
            return f"{holder}.{shape}.map(r, r.template)"
        case _:
            return "[]"


def shapes(makers: tuple[PodMaker, ...]) -> tuple[Shape, ...]:
    """Return the shapes that occur, each once, in the order of `Shape`."""
    return tuple(shape for shape in Shape if any(maker.shape == shape for maker in makers))
