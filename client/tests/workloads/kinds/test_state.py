from typing import Any

import pytest

from labpass.workloads.kinds import state
from labpass.workloads.kinds.state import State, Status


def _job(*, spec: Any = None, status: Any = None, **metadata: Any) -> dict[str, Any]:
    return {"metadata": {"name": "j", **metadata}, "spec": spec or {}, "status": status or {}}


def _true(kind: str, **more: str) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": "True", **more}]}


def _pod(phase: str = "Pending", **status: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "status": {"phase": phase, **status}}


def _ended(code: int, reason: str = "Error") -> dict[str, Any]:
    container = {"state": {"terminated": {"exitCode": code, "reason": reason}}}
    return _pod("Failed", containerStatuses=[container])


def _unschedulable(message: str) -> dict[str, Any]:
    return _pod(conditions=[{"type": "PodScheduled", "status": "False", "message": message}])


SCHEDULED = [{"type": "PodScheduled", "status": "True"}]
PULL = [{"state": {"waiting": {"reason": "ImagePullBackOff", "message": "no such tag"}}}]
START = [{"state": {"waiting": {"reason": "ContainerCreating"}}}]


@pytest.mark.parametrize(
    ("job", "pods", "expected"),
    [
        (_job(deletionTimestamp="2026-01-01T00:00:00Z"), [], State(status=Status.DELETING)),
        (_job(status=_true("Complete")), [], State(status=Status.COMPLETED)),
        (
            _job(status=_true("Failed", message="too often")),
            [_ended(3)],
            State(status=Status.FAILED, reason="exit 3. too often"),
        ),
        (
            _job(status=_true("Failed", reason="DeadlineExceeded")),
            [],
            State(status=Status.FAILED, reason="DeadlineExceeded"),
        ),
        (_job(spec={"suspend": True}), [], State(status=Status.STOPPED, reason="suspended")),
        (
            _job(spec={"suspend": True}, labels={"kueue.x-k8s.io/queue-name": "vision"}),
            [],
            State(status=Status.PENDING, reason="queue vision"),
        ),
        (_job(), [], State(status=Status.PENDING, reason="no pod yet")),
        (_job(status={"active": 1}), [], State(status=Status.PENDING)),
        (_job(status=_true("SuccessCriteriaMet")), [], State(status=Status.RUNNING)),
        (
            _job(status={"uncountedTerminatedPods": {"succeeded": ["uid"]}}),
            [],
            State(status=Status.RUNNING),
        ),
        (_job(status={"active": 1, "ready": 1}), [], State(status=Status.RUNNING)),
        (
            _job(status={"active": 1}),
            [_unschedulable("0/2 nodes: Insufficient nvidia.com/gpu")],
            State(status=Status.PENDING, reason="0/2 nodes: Insufficient nvidia.com/gpu"),
        ),
        (
            _job(status={"active": 2}),
            [_pod("Running"), _unschedulable("full")],
            State(status=Status.RUNNING),
        ),
        (
            _job(status={"failed": 1}),
            [_ended(137, "OOMKilled")],
            State(status=Status.PENDING, reason="retrying after OOMKilled, exit 137"),
        ),
    ],
)
def test_a_job(job: Any, pods: list[Any], expected: State) -> None:
    assert state.of_job(job, pods) == expected


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (_pod("Succeeded"), State(status=Status.COMPLETED)),
        (_pod("Failed", reason="Evicted"), State(status=Status.FAILED, reason="Evicted")),
        (_ended(1), State(status=Status.FAILED, reason="exit 1")),
        (_pod(), State(status=Status.PENDING)),
        (_pod(conditions=SCHEDULED), State(status=Status.CREATING)),
        (
            _pod(conditions=SCHEDULED, containerStatuses=START),
            State(status=Status.CREATING),
        ),
        (
            _pod(conditions=SCHEDULED, containerStatuses=PULL),
            State(status=Status.CREATING, reason="ImagePullBackOff: no such tag"),
        ),
        (
            _pod("Running", containerStatuses=[{"restartCount": 2}]),
            State(status=Status.RUNNING, reason="2 restarts"),
        ),
        (
            _pod("Running", containerStatuses=[{"restartCount": 1}]),
            State(status=Status.RUNNING, reason="one restart"),
        ),
    ],
)
def test_a_pod(pod: Any, expected: State) -> None:
    assert state.of_pod(pod) == expected


def test_the_exit_code_is_the_first_that_is_not_zero() -> None:
    assert state.exit_code([_pod("Running"), _ended(0), _ended(7), _ended(9)]) == 7
    assert state.exit_code([_ended(0)]) is None


@pytest.mark.parametrize("odd", [{}, {"status": []}, {"status": {"conditions": "x"}}, {"spec": 1}])
def test_an_object_of_another_shape_is_read_without_a_crash(odd: Any) -> None:
    assert state.of_job(odd, []).status is Status.PENDING
    assert state.of_pod(odd).status is Status.PENDING


def test_only_the_end_is_the_end() -> None:
    finished = {one for one in Status if State(status=one).is_finished}
    assert finished == {Status.COMPLETED, Status.FAILED}
