from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labpass.cluster import names
from labpass_server.kube.cluster import Cluster
from labpass_server.model import errors, plan
from labpass_server.model.objects import Namespace, RoleBinding
from labpass_server.model.project import PodSecurity

NAMESPACES = "/api/v1/namespaces"
ACCOUNTS = "/api/v1/serviceaccounts"
BINDINGS = "/apis/rbac.authorization.k8s.io/v1/rolebindings"
TOKEN = f"{NAMESPACES}/labpass-system/serviceaccounts/labpass-reconciler/token"
VISION = Namespace(
    name="labpass-vision", installation="i1", project="vision", pod_security=PodSecurity.BASELINE
)
VIEW = RoleBinding(
    namespace="labpass-vision",
    name="labpass-view-1",
    installation="i1",
    cluster_role="labpass-view",
    subjects=("labpass:alice",),
)


@pytest.fixture
def on(run: Any, double: Any) -> Callable[[Callable[[Cluster], Any]], Any]:
    """Do something with a cluster and close it."""

    def do(work: Callable[[Cluster], Any]) -> Any:
        async def whole() -> Any:
            cluster = Cluster(double.credential)
            try:
                return await work(cluster)
            finally:
                await cluster.close()

        return run(whole())

    return do


def namespace(name: str, **more: Any) -> dict[str, Any]:
    labels = {
        names.MANAGED_BY: names.MANAGER,
        names.INSTALLATION: "i1",
        names.PROJECT: "vision",
        names.POD_SECURITY_ENFORCE: "baseline",
    }
    return {"metadata": {"name": name, "labels": labels, **more}}


def test_what_is_there_is_observed(double: Any, on: Any) -> None:
    subjects = [{"kind": "User", "name": "labpass:bob"}, {"kind": "Group", "name": "x"}]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "labpass-view"}
    double.says(NAMESPACES, {"items": [namespace("labpass-vision")]})
    double.says(f"{NAMESPACES}/labpass-taken", {"metadata": {"name": "labpass-taken"}})
    accounts = [
        {"metadata": {"namespace": "labpass-vision"}, "automountServiceAccountToken": False},
        {"metadata": {"namespace": "elsewhere"}},
    ]
    double.says(ACCOUNTS, {"items": accounts})
    bindings = [
        {
            "metadata": {"namespace": place, "name": "b", "labels": {names.INSTALLATION: "i1"}},
            "roleRef": role,
            "subjects": subjects,
        }
        for place in ("labpass-vision", "elsewhere")
    ]
    double.says(BINDINGS, {"items": bindings})
    found = on(lambda cluster: cluster.observe("i1", ["labpass-vision", "labpass-taken", "gone"]))
    assert {each.name: each.token_mount_is_off for each in found.namespaces} == {
        "labpass-vision": True,
        "labpass-taken": None,
    }
    (binding,) = found.bindings
    assert binding.namespace == "labpass-vision"
    assert binding.subjects == ("labpass:bob",)
    assert binding.has_strangers


@pytest.mark.parametrize(
    "item",
    [{}, {"metadata": None}, {"metadata": {"name": "x", "labels": 7}}, "text", None, 7],
)
def test_a_cluster_that_lies_about_its_shape_is_unreachable_and_breaks_nothing(
    double: Any, on: Any, item: Any
) -> None:
    for path in (NAMESPACES, ACCOUNTS):
        double.says(path, {"items": []})
    double.says(NAMESPACES, {"items": [item]})
    with pytest.raises(errors.Unavailable):
        on(lambda cluster: cluster.observe("i1", []))


def test_what_is_absent_is_created_and_never_applied_over_somebody_elses(
    double: Any, on: Any
) -> None:
    double.says(NAMESPACES, {"message": "exists"}, 409, method="POST")
    with pytest.raises(errors.Conflict):
        on(lambda cluster: cluster.carry_out(plan.Create(item=VISION)))
    (asked,) = double.asked
    assert asked.body["metadata"]["labels"][names.POD_SECURITY_ENFORCE] == "baseline"


def test_what_is_ours_is_applied_as_labpass(double: Any, on: Any) -> None:
    path = "/apis/rbac.authorization.k8s.io/v1/namespaces/labpass-vision/rolebindings"
    double.says(f"{path}/labpass-view-1", {}, method="PATCH")
    on(lambda cluster: cluster.carry_out(plan.Apply(item=VIEW)))
    (asked,) = double.asked
    assert "fieldManager=labpass" in asked.path
    assert "force=true" in asked.path
    assert asked.headers["content-type"] == "application/apply-patch+yaml"
    assert [each["name"] for each in asked.body["subjects"]] == ["labpass:alice"]


def test_a_binding_that_is_gone_already_counts_as_deleted(double: Any, on: Any) -> None:
    step = plan.Delete(namespace="labpass-vision", name="labpass-view-1")
    on(lambda cluster: cluster.carry_out(step))
    assert double.asked[0].method == "DELETE"


def test_the_token_mount_of_default_is_switched_off(double: Any, on: Any) -> None:
    path = f"{NAMESPACES}/labpass-vision/serviceaccounts/default"
    double.says(path, {}, method="PATCH")
    on(lambda cluster: cluster.carry_out(plan.SwitchOffTokenMount(namespace="labpass-vision")))
    assert double.asked[0].body == {"automountServiceAccountToken": False}


def test_a_renewed_token_ends_when_the_cluster_says(double: Any, on: Any) -> None:
    status = {"token": "new", "expirationTimestamp": "2026-12-02T10:00:00+01:00"}
    double.says(TOKEN, {"status": status}, 201, method="POST")
    token, ends = on(lambda cluster: cluster.renew(timedelta(days=30)))
    assert token.reveal() == "new"
    assert ends == datetime(2026, 12, 2, 9, tzinfo=UTC)
    assert double.asked[0].body["spec"]["expirationSeconds"] == 30 * 24 * 3600


@pytest.mark.parametrize(
    "status",
    [
        {},
        {"token": "a\nb", "expirationTimestamp": "2026-12-02T10:00:00Z"},
        {"token": 7, "expirationTimestamp": "2026-12-02T10:00:00Z"},
        {"token": "x" * 20_000, "expirationTimestamp": "2026-12-02T10:00:00Z"},
        {"token": "new", "expirationTimestamp": "tomorrow"},
        {"token": "new", "expirationTimestamp": None},
        {"token": "new", "expirationTimestamp": "0001-01-01T00:00:00+23:00"},
    ],
)
def test_a_renewal_that_makes_no_sense_is_refused(double: Any, on: Any, status: Any) -> None:
    double.says(TOKEN, {"status": status}, 201, method="POST")
    with pytest.raises(errors.Unavailable):
        on(lambda cluster: cluster.renew(timedelta(days=30)))
