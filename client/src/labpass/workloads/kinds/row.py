"""One line of the list: a workload as a person looks for it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from labpass.workloads.kinds import resources, state
from labpass.workloads.kinds.document import Object, find, items, mapping, number, text
from labpass.workloads.kinds.job import SUBMITTED_BY

JOB_NAME = "batch.kubernetes.io/job-name"
"""The label by which the job controller marks a job's pods."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What the list shows; every text but ``project`` comes from a cluster and is not trusted.

    ``submitter`` is proven only as far as the cluster's policy reaches: it is a label. ``gpus`` are
    those the whole workload may hold at once.
    """

    kind: str
    name: str
    project: str
    cluster: str
    namespace: str
    state: state.State
    created_at: datetime | None
    submitter: str
    gpus: int
    completions: str
    image: str
    nodes: tuple[str, ...]
    source: Object


def of_jobs(
    jobs: Iterable[Object], pods: Sequence[Object], *, project: str, cluster: str
) -> list[Row]:
    """Return the rows of ``jobs`` and of those ``pods`` that nobody controls, in their order."""
    by_job = _by_job(pods)
    rows = [
        _job(job, by_job.get(text(job, "metadata", "name"), ()), project, cluster) for job in jobs
    ]
    lone = (pod for pod in pods if not items(pod, "metadata", "ownerReferences"))
    return rows + [_pod(pod, project, cluster) for pod in lone]


def created_at(document: Object) -> datetime | None:
    """Return when the API server stored ``document``."""
    return moment(text(document, "metadata", "creationTimestamp"))


def moment(written: str) -> datetime | None:
    """Return a time as the API server writes it, aware; None for what is no time."""
    try:
        when = datetime.fromisoformat(written)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def _by_job(pods: Iterable[Object]) -> Mapping[str, Sequence[Object]]:
    found: dict[str, list[Object]] = {}
    for pod in pods:
        name = text(pod, "metadata", "labels", JOB_NAME)
        if name:
            found.setdefault(name, []).append(pod)
    return found


def _job(job: Object, pods: Sequence[Object], project: str, cluster: str) -> Row:
    pod_spec = mapping(job, "spec", "template", "spec")
    wanted = number(job, "spec", "completions", default=1)
    at_once = min(number(job, "spec", "parallelism", default=1), wanted)
    return Row(
        kind="Job",
        name=text(job, "metadata", "name"),
        project=project,
        cluster=cluster,
        namespace=text(job, "metadata", "namespace"),
        state=state.of_job(job, pods),
        created_at=created_at(job),
        submitter=text(job, "metadata", "labels", SUBMITTED_BY),
        gpus=resources.gpus_of(pod_spec) * at_once,
        completions=f"{number(job, 'status', 'succeeded')}/{wanted}",
        image=_image(pod_spec),
        nodes=_nodes(pods),
        source=job,
    )


def _pod(pod: Object, project: str, cluster: str) -> Row:
    found = state.of_pod(pod)
    spec = mapping(pod, "spec")
    return Row(
        kind="Pod",
        name=text(pod, "metadata", "name"),
        project=project,
        cluster=cluster,
        namespace=text(pod, "metadata", "namespace"),
        state=found,
        created_at=created_at(pod),
        submitter=text(pod, "metadata", "labels", SUBMITTED_BY),
        gpus=resources.gpus_of(spec),
        completions=f"{int(found.status is state.Status.COMPLETED)}/1",
        image=_image(spec),
        nodes=_nodes((pod,)),
        source=pod,
    )


def _image(pod_spec: Object) -> str:
    return next((text(one, "image") for one in items(pod_spec, "containers")), "")


def _nodes(pods: Iterable[Object]) -> tuple[str, ...]:
    return tuple(sorted({str(node) for pod in pods if (node := find(pod, "spec", "nodeName"))}))
