import pytest

from labpass.cluster import kinds
from labpass.cluster.kinds import PodMaker, Shape

OPERATORS = (
    PodMaker(group="jobset.x-k8s.io", resource="jobsets", shape=Shape.REPLICATED_JOBS),
    PodMaker(group="kubeflow.org", resource="pytorchjobs", shape=Shape.REPLICA_SPECS),
)


def test_resources_stand_by_group_and_sorted() -> None:
    assert kinds.by_group(kinds.POD_MAKERS, subresources=False) == (
        ("", ("pods", "podtemplates", "replicationcontrollers")),
        ("apps", ("daemonsets", "deployments", "replicasets", "statefulsets")),
        ("batch", ("cronjobs", "jobs")),
    )


def test_subresources_that_write_labels_are_named() -> None:
    found = dict(kinds.by_group(kinds.POD_MAKERS, subresources=True))
    assert {"pods/status", "pods/binding", "pods/resize", "pods/ephemeralcontainers"} <= set(
        found[""]
    )
    assert {"jobs/status", "cronjobs/status"} <= set(found["batch"])


@pytest.mark.parametrize("shape", Shape)
def test_every_shape_says_where_its_templates_are(shape: Shape) -> None:
    assert "o" in kinds.templates(shape, "o")
    assert kinds.guard(shape, "o")


def test_operators_kinds_have_their_place() -> None:
    assert kinds.shapes(OPERATORS) == (Shape.REPLICATED_JOBS, Shape.REPLICA_SPECS)
    assert kinds.jobs_between(Shape.REPLICATED_JOBS, "o") == (
        "o.spec.replicatedJobs.map(r, r.template)"
    )
