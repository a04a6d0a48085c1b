"""A researcher tries what a thief of our account would: RBAC alone says no."""

from typing import TYPE_CHECKING, Any

import pytest

from labpass.cluster import names, namespaces, pods
from labpass.kube.client import Client

if TYPE_CHECKING:
    from e2e.attacks.conftest import Build, Refused

pytestmark = pytest.mark.testbed

PROJECT = "labpass-attacked"
RBAC = "rbac.authorization.k8s.io"
HERE = f"/api/v1/namespaces/{PROJECT}"
ADMISSION = "/apis/admissionregistration.k8s.io/v1"


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/namespaces/kube-system",
        HERE,
        f"{ADMISSION}/validatingadmissionpolicies/{pods.NAME}",
        f"{ADMISSION}/validatingadmissionpolicybindings/{pods.NAME}",
        f"/apis/{RBAC}/v1/clusterroles/labpass-view",
        f"/apis/{RBAC}/v1/namespaces/{PROJECT}/rolebindings/{names.role_binding(PROJECT, 'view')}",
        f"{HERE}/serviceaccounts/default",
        "/api/v1/namespaces/labpass-system/serviceaccounts/labpass-reconciler",
    ],
)
def test_changes_nothing_of_the_house(
    alice: Client, admin: Client, refused: "Refused", path: str
) -> None:
    harmless: Any = {"metadata": {"labels": {"was": "tried"}}}
    admin.patch(path, harmless, dry_run=True)  # the control: it is there and can be changed
    with refused("RBAC"):
        alice.patch(path, harmless)
    with refused("RBAC"):
        alice.delete(path)


@pytest.mark.parametrize("sub", ["status", "finalize"])
@pytest.mark.parametrize(("who", "by"), [("alice", "RBAC"), ("carol", namespaces.NAME)])
def test_has_no_way_by_a_subresource_of_a_namespace(
    request: pytest.FixtureRequest, refused: "Refused", who: str, by: str, sub: str
) -> None:
    somebody: Client = request.getfixturevalue(who)
    found = somebody.get(HERE)
    body = {**found, "metadata": {**found["metadata"], "labels": {}}}
    with refused(by):
        somebody.request("PUT", f"{HERE}/{sub}", body=body)


@pytest.mark.parametrize("place", [PROJECT, "kube-system", "default"])
@pytest.mark.parametrize("role", ["labpass-view", "cluster-admin"])
def test_binds_nothing(alice: Client, refused: "Refused", place: str, role: str) -> None:
    subject = {"apiGroup": RBAC, "kind": "User", "name": "labpass:alice"}
    body: Any = {
        "apiVersion": f"{RBAC}/v1",
        "kind": "RoleBinding",
        "metadata": {"name": "mine", "namespace": place},
        "roleRef": {"apiGroup": RBAC, "kind": "ClusterRole", "name": role},
        "subjects": [subject],
    }
    with refused("RBAC"):
        alice.create(body)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/namespaces/kube-system/secrets"),
        ("GET", "/api/v1/secrets"),
        ("GET", "/api/v1/namespaces/labpass-pulled/secrets"),
        ("GET", "/api/v1/nodes"),
        ("GET", "/api/v1/namespaces"),
        ("POST", "/api/v1/namespaces"),
        ("POST", f"{HERE}/serviceaccounts"),
        ("POST", f"{HERE}/serviceaccounts/default/token"),
        ("POST", f"{HERE}/resourcequotas"),
        ("POST", f"{HERE}/limitranges"),
        ("POST", f"{HERE}/bindings"),
        ("POST", f"{HERE}/endpoints"),
        ("POST", f"/apis/{RBAC}/v1/namespaces/{PROJECT}/roles"),
        ("POST", f"/apis/{RBAC}/v1/clusterrolebindings"),
        ("POST", f"/apis/apps/v1/namespaces/{PROJECT}/deployments"),
        ("POST", f"/apis/apps/v1/namespaces/{PROJECT}/daemonsets"),
        ("POST", f"/apis/batch/v1/namespaces/{PROJECT}/cronjobs"),
        ("POST", "/apis/certificates.k8s.io/v1/certificatesigningrequests"),
        ("GET", f"/apis/batch/v1/namespaces/{PROJECT}/cronjobs/x/nothing"),
    ],
)
def test_has_no_other_power(alice: Client, refused: "Refused", method: str, path: str) -> None:
    with refused("RBAC"):
        alice.request(method, path, body={} if method == "POST" else None)


@pytest.mark.parametrize("sub", ["status", "binding", "ephemeralcontainers", "resize", "eviction"])
def test_has_no_subresource_of_a_pod_but_to_look_and_enter(
    alice: Client, build: "Build", refused: "Refused", sub: str
) -> None:
    pod = build("Pod")
    alice.create(pod)
    path = f"{alice.path_of(pod)}/{sub}"
    with refused("RBAC"):
        alice.request("POST", path, body={})
    with refused("RBAC"):
        alice.patch(path, {"metadata": {"labels": {"was": "tried"}}})


def test_scales_nothing(alice: Client, carol: Client, build: "Build", refused: "Refused") -> None:
    deployment = build("Deployment")
    carol.create(deployment)
    with refused("RBAC"):
        alice.patch(f"{carol.path_of(deployment)}/scale", {"spec": {"replicas": 5}})


def test_is_nobody_else(world: Any, refused: "Refused") -> None:
    as_bob = world.person("labpass:alice")
    with refused("RBAC"):
        as_bob.request(
            "POST",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            body={"spec": {"user": "labpass:bob"}},
        )


@pytest.mark.parametrize(
    ("group", "resource", "verbs"),
    [
        ("batch", "jobs", "get list watch create update patch delete"),
        ("", "pods", "get list watch create update patch delete"),
        ("", "pods/log", "get"),
        ("", "pods/exec", "get create"),
        ("", "pods/attach", "get create"),
        ("", "pods/portforward", "get create"),
        ("", "events", "get list watch"),
        ("events.k8s.io", "events", "get list watch"),
        ("", "services", "get list create delete"),
        ("", "configmaps", "get list create update patch delete"),
        ("", "secrets", "get list create update patch delete"),
        ("", "persistentvolumeclaims", "get list create update patch delete"),
        ("resource.k8s.io", "resourceclaims", "get list create delete"),
        ("resource.k8s.io", "resourceclaimtemplates", "get list create delete"),
        ("", "resourcequotas", "get list"),
    ],
)
def test_may_do_their_work(alice: Client, may: Any, group: str, resource: str, verbs: str) -> None:
    assert all(may(alice, verb, group, resource) for verb in verbs.split())
    assert not any(may(alice, verb, group, resource, "kube-system") for verb in verbs.split())


@pytest.mark.parametrize(
    "patch",
    [
        {"labels": {names.PROJECT: "another"}},
        {"labels": {names.PROJECT: None}},
        {"labels": {names.INSTALLATION: None}},
        {"labels": {names.POD_SECURITY_ENFORCE: "privileged"}},
        {"labels": {f"{names.POD_SECURITY_ENFORCE}-version": "v1.20"}},
        {"annotations": {names.SERVICE_ACCOUNTS: "builder"}},
    ],
    ids=str,
)
@pytest.mark.parametrize("sub", ["", "/status"])
def test_who_may_write_namespaces_does_not_write_what_makes_a_project(
    erin: Client, admin: Client, refused: "Refused", sub: str, patch: dict[str, Any]
) -> None:
    erin.patch(f"{HERE}{sub}", {"metadata": {"labels": {"other": "label"}}})  # the control
    if patch != {"labels": {names.INSTALLATION: None}}:  # that one is refused to everybody
        admin.patch(f"{HERE}{sub}", {"metadata": patch}, dry_run=True)
    with refused(namespaces.NAME):
        erin.patch(f"{HERE}{sub}", {"metadata": patch})


def test_who_may_write_namespaces_does_not_write_them_by_finalize(
    erin: Client, refused: "Refused"
) -> None:
    found = erin.get(HERE)
    labels = {**found["metadata"]["labels"], names.PROJECT: "another"}
    erin.request("PUT", f"{HERE}/finalize", body=found, params={"dryRun": "All"})  # the control
    with refused(namespaces.NAME):
        body = {**found, "metadata": {**found["metadata"], "labels": labels}}
        erin.request("PUT", f"{HERE}/finalize", body=body)


@pytest.mark.parametrize("installation", ["attacked-1", "another"])
def test_who_may_write_namespaces_makes_no_project_of_one(
    erin: Client, namespace: Any, refused: "Refused", installation: str
) -> None:
    plain: Any = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "plain"}}
    erin.create(plain, dry_run=True)  # the control
    with refused(namespaces.NAME):
        erin.create(namespace("labpass-mine", **{names.INSTALLATION: installation}))
