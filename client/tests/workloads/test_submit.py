import pytest

from labpass.workloads import submit
from labpass.workloads.kinds import job
from labpass.workloads.kinds.document import Object, find
from labpass.workloads.kinds.invalid import InvalidWorkload

POD: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}


def test_a_line_and_a_file_end_as_manifests_with_the_same_name_on_them() -> None:
    for wish in (job.Job(name="j", image="busybox"), POD):
        submit.check(wish)
        manifest = submit.render(wish, namespace="labpass-vision", submitter="alice")
        assert find(manifest, "metadata", "labels", job.SUBMITTED_BY) == "alice"
        assert find(manifest, "metadata", "namespace") == "labpass-vision"


def test_what_nobody_may_submit_is_refused_before_any_server_is_asked() -> None:
    with pytest.raises(InvalidWorkload, match="RoleBinding"):
        submit.check({**POD, "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding"})
