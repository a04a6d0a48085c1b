"""Jobs on a real API server, with the rights that Labpass gives and no others."""

import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from labpass import problems
from labpass.kube.client import Client
from labpass.workloads import delete, describe, find, logs, refusal, submit, wait
from labpass.workloads import list as listing
from labpass.workloads.kinds import allowed, job, resources
from labpass.workloads.kinds.state import State, Status
from labpass.workloads.place import Place

if TYPE_CHECKING:
    from labpass.workloads.kinds.document import Object

pytestmark = pytest.mark.testbed
PATIENCE = 60


def _name() -> str:
    return f"job-{uuid.uuid4().hex[:8]}"


def _job(name: str, *, gpus: int = 0, **env: str) -> job.Job:
    variables = tuple(job.Variable(name=key, value=value) for key, value in env.items())
    asked = resources.Resources(gpus=gpus)
    return job.Job(name=name, image="busybox", resources=asked, env=variables)


def _submit(api: Client, place: Place, *wishes: submit.Wish, dry_run: bool = False) -> Any:
    manifests = [
        submit.render(wish, namespace=place.namespace, submitter="alice") for wish in wishes
    ]
    return submit.submit(api, manifests, namespace=place.namespace, dry_run=dry_run)


def _get(api: Client, name: str, place: Place) -> find.Found:
    found = find.find(api, name, namespace=place.namespace)
    assert found is not None
    return found


@pytest.fixture
def states(connect: Callable[[str], Client], vision: Place) -> Callable[..., list[State]]:
    """Wait for a job of alice's to end, on ever new connections as with renewed tokens."""

    def wait_for(name: str, seconds: float = PATIENCE) -> list[State]:
        until = time.monotonic() + seconds
        return list(
            wait.until_finished(
                lambda: connect("alice"),
                (allowed.JOB, name),
                namespace=vision.namespace,
                seconds_left=lambda: until - time.monotonic(),
                pause=_never,
            )
        )

    return wait_for


def test_a_job_runs_to_its_end_and_is_on_the_list_under_its_submitters_name(
    alice: Client, vision: Place, states: Callable[..., list[State]]
) -> None:
    name = _name()
    [stored] = _submit(alice, vision, _job(name, gpus=2, TESTBED_DURATION="1s"))
    assert stored["metadata"]["labels"]["labpass.dev/submitted-by"] == "alice"
    assert states(name)[-1].status is Status.COMPLETED
    [row] = [one for one in listing.load(alice, vision) if one.name == name]
    assert (row.submitter, row.gpus, row.completions) == ("alice", 2, "1/1")
    assert row.state == State(status=Status.COMPLETED)


def test_a_failed_job_says_how_it_failed(
    alice: Client, vision: Place, states: Callable[..., list[State]]
) -> None:
    name = _name()
    _submit(alice, vision, _job(name, TESTBED_DURATION="1s", TESTBED_OUTCOME="failed"))
    assert states(name)[-1].status is Status.FAILED
    [row] = [one for one in listing.load(alice, vision) if one.name == name]
    assert row.state.reason.startswith("exit 1")


def test_a_job_that_no_node_can_hold_says_why_it_waits_and_waiting_has_an_end(
    alice: Client, vision: Place, states: Callable[..., list[State]]
) -> None:
    name = _name()
    _submit(alice, vision, _job(name, gpus=1000))
    with pytest.raises(problems.TimedOut, match="still Pending"):
        states(name, 2)
    [row] = [one for one in listing.load(alice, vision) if one.name == name]
    assert "Insufficient nvidia.com/gpu" in row.state.reason
    delete.delete(alice, _get(alice, name, vision), namespace=vision.namespace)


def test_a_project_without_a_rule_is_refused_in_the_api_servers_own_words(
    alice: Client, vision: Place, speech: Place
) -> None:
    with pytest.raises(problems.Forbidden) as caught:
        _submit(alice, speech, _job(_name()))
    told = refusal.explain(caught.value, speech, [vision])
    assert 'User "labpass:alice" cannot create resource "jobs"' in told.message
    assert "researcher in project speech" in told.hint


def test_pod_security_is_named_as_the_reason(alice: Client, vision: Place) -> None:
    pod: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": _name()},
        "spec": {"hostNetwork": True, "containers": [{"name": "c", "image": "busybox"}]},
    }
    with pytest.raises(problems.Forbidden) as caught:
        _submit(alice, vision, pod)
    cause = refusal.cause_of(caught.value.message)
    assert cause is refusal.Cause.POD_SECURITY


def test_quota_is_named_as_the_reason(admin: Client, alice: Client, vision: Place) -> None:
    quota = {
        "apiVersion": "v1",
        "kind": "ResourceQuota",
        "metadata": {"name": "none", "namespace": vision.namespace},
        "spec": {"hard": {"count/configmaps": "0"}},
    }
    admin.apply(quota)
    path = admin.path_of(quota)
    config: Object = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": _name()}}
    try:
        _until(lambda: bool(admin.get(path)["status"].get("hard")))
        with pytest.raises(problems.Forbidden) as caught:
            _submit(alice, vision, config)
        assert refusal.cause_of(caught.value.message) is refusal.Cause.QUOTA
    finally:
        admin.delete(path)


def test_a_dry_run_makes_nothing(alice: Client, vision: Place) -> None:
    name = _name()
    assert _submit(alice, vision, _job(name), dry_run=True)
    assert find.find(alice, name, namespace=vision.namespace) is None


def test_nothing_is_made_of_a_file_of_which_a_part_is_refused(alice: Client, vision: Place) -> None:
    name = _name()
    broken: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": _name()},
        "spec": {},
    }
    with pytest.raises(problems.Problem, match="containers: Required"):
        _submit(alice, vision, _job(name), broken)
    assert find.find(alice, name, namespace=vision.namespace) is None


def test_a_field_that_is_misspelt_is_refused_not_dropped(alice: Client, vision: Place) -> None:
    pod: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": _name()},
        "spec": {"continers": [], "containers": [{"name": "c", "image": "busybox"}]},
    }
    with pytest.raises(problems.Problem, match="continers"):
        _submit(alice, vision, pod)


def test_a_name_that_is_taken_is_a_conflict_with_a_way_out(alice: Client, vision: Place) -> None:
    name = _name()
    _submit(alice, vision, _job(name))
    with pytest.raises(problems.Conflict) as caught:
        _submit(alice, vision, _job(name))
    assert f"labpass delete {name}" in caught.value.hint


def test_a_job_is_described_with_its_pods_and_events(
    alice: Client, vision: Place, states: Callable[..., list[State]]
) -> None:
    name = _name()
    _submit(alice, vision, _job(name, gpus=1, TESTBED_DURATION="1s"))
    states(name)
    told = describe.describe(alice, _get(alice, name, vision), vision)
    assert [pod["spec"]["nodeName"][:3] for pod in told.pods] == ["gpu"]
    reasons = [event["reason"] for event in told.events]
    assert {"SuccessfulCreate", "Scheduled", "Completed"} <= set(reasons)
    assert told.row.nodes == (told.pods[0]["spec"]["nodeName"],)


def test_a_log_is_read_in_part_and_whole(
    alice: Client, vision: Place, states: Callable[..., list[State]]
) -> None:
    name = _name()
    _submit(alice, vision, _job(name, TESTBED_DURATION="1s"))
    states(name)
    found = _get(alice, name, vision)
    pod = logs.get_pod(alice, found, namespace=vision.namespace)["metadata"]["name"]

    def read(wish: logs.Wish) -> list[str]:
        lines = logs.read(alice, pod, namespace=vision.namespace, wish=wish, pause=_never)
        return list(lines)

    whole = read(logs.Wish())
    assert len(whole) > 1
    assert read(logs.Wish(tail=1)) == whole[-1:]


def test_a_deleted_job_is_gone_with_its_pods_and_deleting_it_again_is_no_error(
    alice: Client, vision: Place
) -> None:
    name = _name()
    _submit(alice, vision, _job(name, TESTBED_DURATION="30s"))
    _until(lambda: bool(find.pods_of(alice, _get(alice, name, vision), namespace=vision.namespace)))
    found = _get(alice, name, vision)
    assert delete.delete(alice, found, namespace=vision.namespace)
    _until(lambda: find.find(alice, name, namespace=vision.namespace) is None)
    assert not delete.delete(alice, found, namespace=vision.namespace)
    _until(lambda: not find.pods_of(alice, found, namespace=vision.namespace))


def test_another_job_of_the_same_name_is_not_deleted_in_its_place(
    alice: Client, vision: Place
) -> None:
    name = _name()
    _submit(alice, vision, _job(name))
    kind, workload = _get(alice, name, vision)
    other = {**workload, "metadata": {**workload["metadata"], "uid": str(uuid.uuid4())}}
    with pytest.raises(problems.Conflict):
        delete.delete(alice, (kind, other), namespace=vision.namespace)
    assert find.find(alice, name, namespace=vision.namespace) is not None


def test_waiting_ends_when_somebody_deletes_the_job(
    alice: Client, bob: Client, vision: Place, connect: Callable[[str], Client]
) -> None:
    name = _name()
    _submit(alice, vision, _job(name, TESTBED_DURATION="30s"))
    states = wait.until_finished(
        lambda: connect("alice"),
        (allowed.JOB, name),
        namespace=vision.namespace,
        seconds_left=lambda: PATIENCE,
        pause=_never,
    )
    assert not next(states).is_finished
    delete.delete(bob, _get(bob, name, vision), namespace=vision.namespace)
    with pytest.raises(problems.NotFound):
        list(states)


def test_following_begins_when_the_pod_does(alice: Client, vision: Place) -> None:
    name = _name()
    _submit(alice, vision, _job(name, TESTBED_DURATION="2s"))
    found = _get(alice, name, vision)
    _until(lambda: bool(find.pods_of(alice, found, namespace=vision.namespace)))
    pod = logs.get_pod(alice, found, namespace=vision.namespace)["metadata"]["name"]
    wish = logs.Wish(follow=True)
    lines = logs.read(
        alice, pod, namespace=vision.namespace, wish=wish, pause=lambda: time.sleep(0.05)
    )
    assert next(lines)


def _never() -> None:
    raise AssertionError("nothing was to be waited for")


def _until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.05)
