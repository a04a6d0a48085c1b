from typing import Any

import pytest

from labpass.workloads.kinds import job, resources
from labpass.workloads.kinds.document import Object, find
from labpass.workloads.kinds.invalid import InvalidWorkload

CONTAINER = ("spec", "template", "spec", "containers")


def _job(**changed: Any) -> job.Job:
    return job.Job(**{"name": "train", "image": "busybox", **changed})


def _container(made: job.Job) -> Any:
    found: Any = find(job.render(made, namespace="labpass-vision", submitter="alice"), *CONTAINER)
    return found[0]


def test_the_submitter_stands_on_the_job_and_on_its_pods() -> None:
    manifest = job.render(_job(), namespace="labpass-vision", submitter="alice")
    mark = {"labpass.dev/submitted-by": "alice"}
    assert find(manifest, "metadata", "labels") == mark
    assert find(manifest, "spec", "template", "metadata", "labels") == mark
    assert find(manifest, "metadata", "namespace") == "labpass-vision"


def test_gpus_and_memory_are_limits_and_processors_are_requests() -> None:
    asked = resources.Resources(gpus=2, cpu="500m", memory="1Gi")
    assert _container(_job(resources=asked))["resources"] == {
        "limits": {"memory": "1Gi", "nvidia.com/gpu": "2"},
        "requests": {"cpu": "500m"},
    }


def test_gpus_alone_leave_the_requests_to_kubernetes() -> None:
    asked = resources.Resources(gpus=1)
    assert _container(_job(resources=asked))["resources"] == {"limits": {"nvidia.com/gpu": "1"}}


def test_what_was_not_said_is_not_sent() -> None:
    assert _container(_job()) == {"name": "main", "image": "busybox"}


def test_command_and_environment_keep_their_order() -> None:
    env = (job.Variable(name="B", value="1"), job.Variable(name="A", value="x=y"))
    container = _container(_job(command=("sh", "-c", "echo $A"), env=env))
    assert container["command"] == ["sh", "-c", "echo $A"]
    assert container["env"] == [{"name": "B", "value": "1"}, {"name": "A", "value": "x=y"}]


def test_no_token_of_the_cluster_is_mounted_and_a_lost_node_costs_no_retry() -> None:
    manifest = job.render(_job(retries=3), namespace="n", submitter="alice")
    assert find(manifest, "spec", "template", "spec", "automountServiceAccountToken") is False
    assert find(manifest, "spec", "backoffLimit") == 3
    assert find(manifest, "spec", "podFailurePolicy", "rules") == [
        {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}
    ]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "Train"}, "name"),
        ({"image": ""}, "image"),
        ({"retries": -1}, "retries"),
        ({"retries": 101}, "retries"),
        ({"env": (job.Variable(name="A", value=""), job.Variable(name="A", value=""))}, "env"),
    ],
)
def test_a_job_that_cannot_be_is_never_made(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidWorkload) as caught:
        _job(**changed)
    assert caught.value.field == field


def test_a_null_character_in_a_value_is_refused() -> None:
    with pytest.raises(InvalidWorkload, match="null character"):
        job.Variable(name="A", value="x\0y")


@pytest.mark.parametrize("gpus", [-1, 1025])
def test_a_number_of_gpus_that_no_machine_has(gpus: int) -> None:
    with pytest.raises(InvalidWorkload):
        resources.Resources(gpus=gpus)


def test_gpus_of_a_pod_are_those_of_all_makers_and_containers() -> None:
    spec: Object = {
        "containers": [
            {"resources": {"limits": {"nvidia.com/gpu": "2", "memory": "1Gi"}}},
            {"resources": {"limits": {"amd.com/gpu": 1, "weird/gpu": "many"}}},
            {},
        ]
    }
    assert resources.gpus_of(spec) == 3
