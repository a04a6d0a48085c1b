"""What runs under a name is only its owner's to change; anybody of the project may stop it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from labpass.cluster import prove
from labpass.kube.client import JSON_PATCH, Client

if TYPE_CHECKING:
    from e2e.attacks.conftest import Build, Refused

pytestmark = pytest.mark.testbed

Labels = Callable[[Any], list[str]]
SUSPEND: Any = {"spec": {"suspend": True}}
RESUME: Any = {"spec": {"suspend": False}}


@pytest.fixture
def running(alice: Client, build: "Build") -> str:
    """A Job of alice's that is not suspended."""
    job = build("Job")
    job["spec"]["suspend"] = False
    job["spec"]["parallelism"] = 2
    alice.create(job)
    return alice.path_of(job)


@pytest.fixture
def pods_of(alice: Client, eventually: Callable[..., None]) -> Callable[[str], list[Any]]:
    """Wait for the pods of the running Job."""

    def found(job: str) -> list[Any]:
        collection, _, name = job.rpartition("/")
        path = collection.replace("/apis/batch/v1", "/api/v1").removesuffix("jobs") + "pods"
        selector = {"labelSelector": f"batch.kubernetes.io/job-name={name}"}
        eventually(lambda: len(list(alice.list(path, selector))) == 2)
        return list(alice.list(path, selector))

    return found


def test_a_job_suspended_by_another_is_resumed_by_its_submitter_alone(
    alice: Client, bob: Client, admin: Client, running: str, refused: "Refused"
) -> None:
    assert bob.patch(running, SUSPEND)["spec"]["suspend"] is True
    with refused(prove.NAME):
        bob.patch(running, RESUME)
    assert alice.patch(running, RESUME)["spec"]["suspend"] is False
    assert admin.patch(running, SUSPEND)["spec"]["suspend"] is True
    with refused(prove.NAME):
        bob.patch(running, [{"op": "remove", "path": "/spec/suspend"}], content_type=JSON_PATCH)


def test_a_cron_job_suspended_by_another_is_resumed_by_its_submitter_alone(
    carol: Client, dave: Client, build: "Build", refused: "Refused"
) -> None:
    cron_job = build("CronJob")
    carol.create(cron_job)
    path = carol.path_of(cron_job)
    assert dave.patch(path, SUSPEND)["spec"]["suspend"] is True
    with refused(prove.NAME):
        dave.patch(path, RESUME)
    assert carol.patch(path, RESUME)["spec"]["suspend"] is False


@pytest.mark.parametrize(
    "smuggled",
    [{"parallelism": 9}, {"ttlSecondsAfterFinished": 1}, {"activeDeadlineSeconds": 1}],
    ids=lambda each: next(iter(each)),
)
def test_suspending_carries_no_other_change(
    alice: Client, bob: Client, running: str, refused: "Refused", smuggled: dict[str, int]
) -> None:
    alice.patch(running, {"spec": {"suspend": True, **smuggled}}, dry_run=True)  # the control
    with refused(prove.NAME):
        bob.patch(running, {"spec": {"suspend": True, **smuggled}})


def test_suspending_takes_nothing_away(
    alice: Client, bob: Client, running: str, refused: "Refused"
) -> None:
    alice.patch(running, {"spec": {"ttlSecondsAfterFinished": 3600}})
    without = [
        {"op": "add", "path": "/spec/suspend", "value": True},
        {"op": "remove", "path": "/spec/ttlSecondsAfterFinished"},
    ]
    with refused(prove.NAME):
        bob.patch(running, without, content_type=JSON_PATCH)


def test_nobody_changes_what_anothers_job_runs(
    alice: Client, bob: Client, running: str, refused: "Refused"
) -> None:
    alice.patch(running, {"spec": {"parallelism": 3}}, dry_run=True)  # the control
    with refused(prove.NAME):
        bob.patch(running, {"spec": {"parallelism": 3}})


def test_nobody_changes_what_anothers_pod_runs(
    alice: Client, bob: Client, build: "Build", refused: "Refused"
) -> None:
    pod = build("Pod")
    alice.create(pod)
    image = {"spec": {"containers": [{"name": "c", "image": "evil"}]}}
    strategic = "application/strategic-merge-patch+json"
    path = alice.path_of(pod)
    alice.patch(path, image, content_type=strategic, dry_run=True)  # the control
    with refused(prove.NAME):
        bob.patch(path, image, content_type=strategic)


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet", "CronJob"])
def test_nobody_changes_what_anothers_template_runs(
    carol: Client, dave: Client, build: "Build", refused: "Refused", kind: str
) -> None:
    made = build(kind)
    carol.create(made)
    path = carol.path_of(made)
    pod: Any = {"spec": {"template": {"spec": {"terminationGracePeriodSeconds": 5}}}}
    body = {"spec": {"jobTemplate": pod}} if kind == "CronJob" else pod
    carol.patch(path, body, dry_run=True)  # the control
    with refused(prove.NAME):
        dave.patch(path, body)


@pytest.mark.parametrize("sub", ["ephemeralcontainers", "resize"])
def test_nobody_gets_into_anothers_pod_by_a_subresource(
    carol: Client, dave: Client, build: "Build", refused: "Refused", sub: str
) -> None:
    cpu = {"requests": {"cpu": "1"}, "limits": {"cpu": "1"}}
    pod = build("Pod", containers=[{"name": "c", "image": "busybox", "resources": cpu}])
    carol.create(pod)
    more = {"requests": {"cpu": "2"}, "limits": {"cpu": "2"}}
    body: Any = {
        "ephemeralcontainers": {"ephemeralContainers": [{"name": "e", "image": "evil"}]},
        "resize": {"containers": [{"name": "c", "resources": more}]},
    }[sub]
    path = f"{carol.path_of(pod)}/{sub}"
    strategic = "application/strategic-merge-patch+json"
    carol.patch(path, {"spec": body}, content_type=strategic, dry_run=True)  # the control
    with refused(prove.NAME):
        dave.patch(path, {"spec": body}, content_type=strategic)


@pytest.mark.parametrize(
    "metadata",
    [
        {"labels": {"batch.kubernetes.io/controller-uid": None}},
        {"labels": {"app": "another"}},
        {"ownerReferences": None},
        {"finalizers": None},
    ],
    ids=str,
)
def test_nobody_takes_anothers_pod_from_its_job(
    alice: Client,
    bob: Client,
    admin: Client,
    running: str,
    pods_of: Callable[[str], list[Any]],
    refused: "Refused",
    metadata: Any,
) -> None:
    pod = pods_of(running)[0]["metadata"]
    path = f"/api/v1/namespaces/{pod['namespace']}/pods/{pod['name']}"
    bob.patch(path, {"metadata": {"annotations": {"seen": "yes"}}})  # the control
    admin.patch(path, {"metadata": metadata}, dry_run=True)  # the control: it can be done
    with refused(prove.NAME):
        bob.patch(path, {"metadata": metadata})


def test_nobody_suspends_and_relabels_at_once(
    bob: Client, running: str, refused: "Refused"
) -> None:
    with refused(prove.NAME):
        bob.patch(running, {**SUSPEND, "metadata": {"labels": {"other": "label"}}})
    bob.patch(running, SUSPEND)  # the control


@pytest.mark.parametrize("key", ["batch.kubernetes.io/controller-uid", "controller-uid"])
def test_no_pod_is_slipped_into_anothers_job(
    bob: Client,
    build: "Build",
    running: str,
    pods_of: Callable[[str], list[Any]],
    refused: "Refused",
    key: str,
) -> None:
    theirs = pods_of(running)[0]["metadata"]["labels"]
    pod = build("Pod")
    bob.create(pod)  # the control
    with refused(prove.NAME):
        bob.patch(bob.path_of(pod), {"metadata": {"labels": {key: theirs[key]}}})
    slipped = build("Pod")
    slipped["metadata"]["labels"] = {key: theirs[key]}
    with refused(prove.NAME):
        bob.create(slipped)


def test_a_member_of_the_project_may_delete_anothers_job(bob: Client, running: str) -> None:
    assert bob.delete(running)


def test_the_pods_of_a_job_carry_its_submitter(
    running: str, pods_of: Callable[[str], list[Any]], labels_of: Labels
) -> None:
    assert [labels_of(pod)[0] for pod in pods_of(running)] == ["alice", "alice"]
