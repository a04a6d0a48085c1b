from datetime import UTC, datetime
from typing import Any

import pytest

from labpass.workloads.kinds import row
from labpass.workloads.kinds.state import Status

MARK = "labpass.dev/submitted-by"
CONTAINERS = [{"image": "ghcr.io/lab/x:1", "resources": {"limits": {"nvidia.com/gpu": "4"}}}]


def _job(name: str, **spec: Any) -> dict[str, Any]:
    return {
        "metadata": {
            "name": name,
            "namespace": "labpass-vision",
            "labels": {MARK: "alice"},
            "creationTimestamp": "2026-11-23T10:00:00Z",
        },
        "spec": {"template": {"spec": {"containers": CONTAINERS}}, **spec},
        "status": {"succeeded": 1},
    }


def _pod(job: str | None, **status: Any) -> dict[str, Any]:
    labels = {row.JOB_NAME: job} if job else {MARK: "bob"}
    owners = {"ownerReferences": [{"kind": "Job"}]} if job else {}
    return {
        "metadata": {"name": f"{job}-x", "labels": labels, **owners},
        "spec": {"nodeName": "gpu-1", "containers": CONTAINERS},
        "status": status,
    }


def _rows(jobs: list[Any], pods: list[Any]) -> list[row.Row]:
    return row.of_jobs(jobs, pods, project="vision", cluster="lab-a")


def test_a_job_on_one_line() -> None:
    [found] = _rows([_job("a", completions=4, parallelism=2)], [_pod("a", phase="Running")])
    assert (found.name, found.project, found.cluster) == ("a", "vision", "lab-a")
    assert (found.submitter, found.gpus, found.completions) == ("alice", 8, "1/4")
    assert (found.image, found.nodes) == ("ghcr.io/lab/x:1", ("gpu-1",))
    assert found.created_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert found.state.status is Status.RUNNING


def test_a_pod_speaks_for_its_own_job_alone() -> None:
    first, second = _rows([_job("a"), _job("b")], [_pod("b", phase="Running")])
    assert first.state.status is Status.PENDING
    assert second.state.status is Status.RUNNING


def test_a_pod_that_nobody_controls_has_a_line_of_its_own() -> None:
    [found] = _rows([], [_pod("a", phase="Running"), _pod(None, phase="Succeeded")])
    assert (found.kind, found.submitter, found.completions) == ("Pod", "bob", "1/1")


@pytest.mark.parametrize("when", ["", "yesterday", None, 7])
def test_a_time_that_cannot_be_read_is_none(when: Any) -> None:
    assert row.created_at({"metadata": {"creationTimestamp": when}}) is None


def test_an_empty_object_is_a_row_all_the_same() -> None:
    [found] = _rows([{}], [])
    assert (found.name, found.gpus, found.image, found.created_at) == ("", 0, "", None)
