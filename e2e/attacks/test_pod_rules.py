"""What no pod of a project may have, whoever asks, as a pod or in a template."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from labpass.cluster import belongings, names, pods
from labpass.kube.client import Client

if TYPE_CHECKING:
    from e2e.attacks.conftest import Build, Refused, World

pytestmark = pytest.mark.testbed

PROJECT = "labpass-attacked"
TOKEN = {"serviceAccountToken": {"path": "token", "audience": "elsewhere"}}
ATTACKS: dict[str, Any] = {
    "service account": {"serviceAccountName": "builder"},
    "service account by its old field": {"serviceAccount": "builder"},
    "token mounted": {"automountServiceAccountToken": True},
    "token projected": {"volumes": [{"name": "t", "projected": {"sources": [TOKEN]}}]},
    "node name": {"nodeName": "gpu-0"},
    "control-plane toleration": {
        "tolerations": [{"key": "node-role.kubernetes.io/control-plane", "operator": "Exists"}]
    },
    "old control-plane toleration": {
        "tolerations": [{"key": "node-role.kubernetes.io/master", "effect": "NoSchedule"}]
    },
    "k3s control-plane toleration": {
        "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}]
    },
    "toleration of everything": {"tolerations": [{"operator": "Exists"}]},
    "system priority": {"priorityClassName": "system-node-critical"},
    "system priority of the cluster": {"priorityClassName": "system-cluster-critical"},
}
HARMLESS: dict[str, Any] = {
    "serviceAccountName": "default",
    "automountServiceAccountToken": False,
    "volumes": [{"name": "t", "projected": {"sources": [{"configMap": {"name": "x"}}]}}],
    "tolerations": [{"key": "nvidia.com/gpu", "operator": "Exists"}],
}
ALWAYS_CHECKED = ("Pod", "Job")
TEMPLATES = (
    "PodTemplate",
    "ReplicationController",
    "DaemonSet",
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "CronJob",
)


@pytest.fixture
def builder(world: "World", eventually: Callable[..., None]) -> Iterator[None]:
    """A service account beside `default`; nobody has allowed it."""
    path = f"/api/v1/namespaces/{PROJECT}/serviceaccounts"
    body = {"apiVersion": "v1", "kind": "ServiceAccount"}
    world.admin.apply({**body, "metadata": {"name": "builder", "namespace": PROJECT}})
    eventually(lambda: world.admin.raw("GET", f"{path}/builder").status_code == 200)
    yield
    world.admin.delete(f"{path}/builder")


@pytest.mark.parametrize("kind", ALWAYS_CHECKED)
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.usefixtures("builder")
def test_a_researcher_is_refused(
    alice: Client, build: "Build", refused: "Refused", kind: str, attack: str
) -> None:
    alice.create(build(kind, **HARMLESS), dry_run=True)  # the control
    with refused(pods.NAME):
        alice.create(build(kind, **ATTACKS[attack]), dry_run=True)


@pytest.mark.parametrize("kind", TEMPLATES)
@pytest.mark.parametrize("attack", ATTACKS)
def test_no_template_is_a_way_around(
    carol: Client, build: "Build", refused: "Refused", kind: str, attack: str
) -> None:
    carol.create(build(kind, **HARMLESS), dry_run=True)  # the control
    with refused(pods.NAME):
        carol.create(build(kind, **ATTACKS[attack]), dry_run=True)


@pytest.mark.parametrize("attack", ["service account", "node name", "toleration of everything"])
@pytest.mark.usefixtures("builder")
def test_an_administrator_in_a_project_is_refused_too(
    admin: Client, build: "Build", refused: "Refused", attack: str
) -> None:
    admin.create(build("Pod", **HARMLESS), dry_run=True)  # the control
    with refused(pods.NAME):
        admin.create(build("Pod", **ATTACKS[attack]), dry_run=True)


def test_a_toleration_is_not_added_later(alice: Client, build: "Build", refused: "Refused") -> None:
    pod = build("Pod")
    alice.create(pod)
    path = alice.path_of(pod)
    now = alice.get(path)["spec"].get("tolerations", [])
    patch: Any = {"spec": {"tolerations": [*now, *HARMLESS["tolerations"]]}}
    alice.patch(path, patch, dry_run=True)  # the control
    patch["spec"]["tolerations"] = [*now, {"operator": "Exists"}]
    with refused(pods.NAME):
        alice.patch(path, patch)


@pytest.mark.parametrize("kind", ["Deployment", "CronJob"])
def test_a_template_is_not_changed_into_an_attack_later(
    carol: Client, build: "Build", refused: "Refused", kind: str
) -> None:
    made = build(kind)
    carol.create(made)
    pod: Any = {"spec": {"template": {"spec": {"nodeName": "gpu-0"}}}}
    with refused(pods.NAME):
        carol.patch(
            carol.path_of(made), {"spec": {"jobTemplate": pod}} if kind == "CronJob" else pod
        )


def host_network(name: str) -> dict[str, Any]:
    container = {"name": "c", "image": "busybox"}
    attacks: dict[str, dict[str, Any]] = {
        "hostPath": {"volumes": [{"name": "h", "hostPath": {"path": "/"}}]},
        "privileged": {"containers": [{**container, "securityContext": {"privileged": True}}]},
        "hostNetwork": {"hostNetwork": True},
        "hostPID": {"hostPID": True},
    }
    return attacks[name]


@pytest.mark.parametrize("attack", ["hostPath", "privileged", "hostNetwork", "hostPID"])
@pytest.mark.parametrize("who", ["alice", "admin"])
def test_a_pod_of_the_nodes_is_refused(
    request: pytest.FixtureRequest, build: "Build", refused: "Refused", who: str, attack: str
) -> None:
    somebody: Client = request.getfixturevalue(who)
    somebody.create(build("Pod"), dry_run=True)  # the control
    with refused("PodSecurity"):
        somebody.create(build("Pod", **host_network(attack)), dry_run=True)


def test_a_job_of_privileged_pods_never_makes_one(
    alice: Client, build: "Build", eventually: Callable[..., None]
) -> None:
    job = build("Job", **host_network("privileged"))
    job["spec"]["suspend"] = False
    alice.create(job)
    name = job["metadata"]["name"]
    events = f"/api/v1/namespaces/{PROJECT}/events"
    chosen = {"fieldSelector": f"involvedObject.name={name},reason=FailedCreate"}
    eventually(lambda: any("PodSecurity" in e["message"] for e in alice.list(events, chosen)))
    selector = {"labelSelector": f"batch.kubernetes.io/job-name={name}"}
    assert list(alice.list(f"/api/v1/namespaces/{PROJECT}/pods", selector)) == []


@pytest.mark.usefixtures("builder")
def test_an_account_that_an_administrator_allowed_may_be_used_with_its_token(
    world: "World",
    alice: Client,
    build: "Build",
    refused: "Refused",
    eventually: Callable[..., None],
) -> None:
    path = f"/api/v1/namespaces/{PROJECT}"
    with_builder = build("Pod", serviceAccountName="builder", automountServiceAccountToken=True)
    with refused(pods.NAME):
        alice.create(with_builder, dry_run=True)

    def accepted() -> bool:
        collection = alice.path_of(with_builder, collection=True)
        params = {"dryRun": "All"}
        return alice.raw("POST", collection, body=with_builder, params=params).status_code == 201

    annotations = {names.SERVICE_ACCOUNTS: "trainer, builder"}
    world.admin.patch(path, {"metadata": {"annotations": annotations}})
    eventually(accepted)
    with refused(pods.NAME):  # `default` has no token all the same
        alice.create(build("Pod", automountServiceAccountToken=True), dry_run=True)
    world.admin.patch(path, {"metadata": {"annotations": {names.SERVICE_ACCOUNTS: None}}})
    eventually(lambda: not accepted())


@pytest.mark.parametrize("who", ["alice", "carol", "admin"])
@pytest.mark.parametrize("way", ["create", "generateName", "apply"])
def test_no_secret_mints_a_service_accounts_token(
    request: pytest.FixtureRequest, refused: "Refused", who: str, way: str
) -> None:
    somebody: Client = request.getfixturevalue(who)
    secret: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "mint", "namespace": PROJECT},
    }
    somebody.create({**secret, "type": "Opaque"}, dry_run=True)  # the control
    secret["metadata"]["annotations"] = {"kubernetes.io/service-account.name": "default"}
    secret["type"] = belongings.TOKEN_TYPE
    if way == "generateName":
        secret["metadata"]["generateName"] = f"{secret['metadata']['name']}-"
    with refused(belongings.SECRETS):
        (somebody.apply if way == "apply" else somebody.create)(secret)


@pytest.mark.parametrize(
    "spec",
    [
        {"type": "NodePort"},
        {"type": "LoadBalancer"},
        {"externalIPs": ["192.0.2.1"]},
        {"type": "ExternalName", "externalName": "elsewhere.example.org"},
    ],
    ids=str,
)
def test_a_service_stays_inside(alice: Client, refused: "Refused", spec: dict[str, Any]) -> None:
    service: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "between", "namespace": PROJECT},
        "spec": {"selector": {"app": "x"}, "ports": [{"port": 80}]},
    }
    headless = {**service, "spec": {**service["spec"], "clusterIP": "None"}}
    alice.create(headless, dry_run=True)  # the control
    with refused(belongings.SERVICES):
        alice.create({**service, "spec": {**service["spec"], **spec}}, dry_run=True)
