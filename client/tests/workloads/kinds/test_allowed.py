import pytest

from labpass.workloads.kinds import allowed


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (allowed.JOB, "/apis/batch/v1/namespaces/labpass-x/jobs"),
        (allowed.POD, "/api/v1/namespaces/labpass-x/pods"),
    ],
)
def test_where_a_kind_is_posted(kind: allowed.Kind, path: str) -> None:
    assert kind.collection("labpass-x") == path


def test_a_kind_is_known_by_version_and_name() -> None:
    assert allowed.find("batch/v1", "Job") is allowed.JOB
    assert allowed.find("v1", "Job") is None
    assert allowed.find("rbac.authorization.k8s.io/v1", "RoleBinding") is None


def test_the_list_in_words() -> None:
    assert allowed.spelled().startswith("Job, Pod, ")
    assert allowed.spelled().endswith(" and ResourceClaimTemplate")
