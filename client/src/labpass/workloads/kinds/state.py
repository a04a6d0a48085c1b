"""What became of a workload: one word, and the reason beneath it.

The words are the console's too. Read from what the API server stores; nothing here is guessed
from names.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from labpass.workloads.kinds.document import Object, find, items, mapping, number, text


class Status(StrEnum):
    """One word for a person; the same words on every list."""

    PENDING = "Pending"
    CREATING = "Creating"
    RUNNING = "Running"
    STOPPED = "Stopped"
    COMPLETED = "Completed"
    FAILED = "Failed"
    DELETING = "Deleting"


FINISHED = frozenset({Status.COMPLETED, Status.FAILED})
_CREATING = frozenset({"ContainerCreating", "PodInitializing", "Pulling"})
_QUEUE = "kueue.x-k8s.io/queue-name"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """A status and why; ``reason`` is a cluster's untrusted text, empty where the word says all."""

    status: Status
    reason: str = ""

    @property
    def is_finished(self) -> bool:
        """Nothing more will happen by itself."""
        return self.status in FINISHED


def of_job(job: Object, pods: Iterable[Object]) -> State:
    """Return the state of a ``batch/v1`` Job; ``pods`` are its own and say why it waits."""
    own = list(pods)
    if find(job, "metadata", "deletionTimestamp"):
        return State(status=Status.DELETING)
    if _condition(job, "Complete"):
        return State(status=Status.COMPLETED)
    if condition := (_condition(job, "Failed") or _condition(job, "FailureTarget")):
        return State(status=Status.FAILED, reason=_failure(condition, own))
    if find(job, "spec", "suspend") is True:
        return _suspended(job)
    return _in_progress(job, own)


def of_pod(pod: Object) -> State:
    """Return the state of a pod."""
    if find(pod, "metadata", "deletionTimestamp"):
        return State(status=Status.DELETING)
    match text(pod, "status", "phase"):
        case "Succeeded":
            return State(status=Status.COMPLETED)
        case "Failed":
            return State(status=Status.FAILED, reason=ending(pod) or text(pod, "status", "reason"))
        case "Running":
            return State(status=Status.RUNNING, reason=_waiting(pod) or _restarts(pod))
        case _:
            return _pending(pod)


def ending(pod: Object) -> str:
    """Return how the first failed container of ``pod`` ended: ``exit 1``, ``OOMKilled``."""
    for container in items(pod, "status", "containerStatuses"):
        ended = mapping(container, "state", "terminated")
        code = number(ended, "exitCode")
        if code:
            reason = text(ended, "reason")
            return f"exit {code}" if reason in {"", "Error"} else f"{reason}, exit {code}"
    return ""


def exit_code(pods: Iterable[Object]) -> int | None:
    """Return the first exit code other than 0 that a container of ``pods`` ended with."""
    for pod in pods:
        for container in items(pod, "status", "containerStatuses"):
            code = number(container, "state", "terminated", "exitCode")
            if code:
                return code
    return None


def _suspended(job: Object) -> State:
    queue = text(job, "metadata", "labels", _QUEUE)
    if queue:
        return State(status=Status.PENDING, reason=f"queue {queue}")
    return State(status=Status.STOPPED, reason="suspended")


def _in_progress(job: Object, pods: list[Object]) -> State:
    states = [of_pod(pod) for pod in pods]
    for status in (Status.RUNNING, Status.CREATING, Status.PENDING):
        found = [state for state in states if state.status is status]
        if found:
            return next((state for state in found if state.reason), found[0])
    if number(job, "status", "ready") or _is_ending(job):
        return State(status=Status.RUNNING)
    failed = [state for state in states if state.status is Status.FAILED]
    if failed:
        return State(
            status=Status.PENDING, reason=f"retrying after {failed[-1].reason or 'a failure'}"
        )
    if number(job, "status", "active"):
        return State(status=Status.PENDING)
    return State(status=Status.PENDING, reason="no pod yet")


def _is_ending(job: Object) -> bool:
    """Tell whether pods of ``job`` have ended that the job controller has yet to count."""
    uncounted = mapping(job, "status", "uncountedTerminatedPods")
    return any(uncounted.values()) or _condition(job, "SuccessCriteriaMet") is not None


def _pending(pod: Object) -> State:
    scheduled = next(
        (one for one in items(pod, "status", "conditions") if text(one, "type") == "PodScheduled"),
        None,
    )
    if text(scheduled, "status") == "False":
        reason = text(scheduled, "message") or text(scheduled, "reason")
        return State(status=Status.PENDING, reason=reason)
    waiting = _waiting(pod)
    if scheduled is None and not waiting:
        return State(status=Status.PENDING)
    return State(status=Status.CREATING, reason=waiting)


def _waiting(pod: Object) -> str:
    """Return why a container does not run, where that is more than being created."""
    for name in ("initContainerStatuses", "containerStatuses"):
        for container in items(pod, "status", name):
            waiting = mapping(container, "state", "waiting")
            reason, message = text(waiting, "reason"), text(waiting, "message")
            if reason and reason not in _CREATING:
                return f"{reason}: {message}" if message else reason
    return ""


def _restarts(pod: Object) -> str:
    count = sum(number(one, "restartCount") for one in items(pod, "status", "containerStatuses"))
    if not count:
        return ""
    return "one restart" if count == 1 else f"{count} restarts"


def _condition(document: Object, kind: str) -> Object | None:
    for one in items(document, "status", "conditions"):
        if isinstance(one, Mapping) and one.get("type") == kind and one.get("status") == "True":
            return one
    return None


def _failure(condition: Object, pods: list[Object]) -> str:
    ends = [one for one in map(ending, pods) if one]
    said = text(condition, "message") or text(condition, "reason")
    return f"{ends[-1]}. {said}" if ends and said else said or "".join(ends[-1:])
