"""A bare cluster is a real one: its API server decides, its nodes run jobs to their end."""

import json
import socket
import ssl
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from e2e.clusters.conftest import Kubectl

from testbed import document, waiting

pytestmark = pytest.mark.testbed

Kubectls = Callable[[Path], Kubectl]


@pytest.fixture
def admin(bare_cluster: document.Cluster, kubectl: Kubectls) -> Kubectl:
    return kubectl(bare_cluster.admin_kubeconfig)


@pytest.fixture
def namespace(admin: Kubectl) -> Iterator[str]:
    name = f"test-{uuid.uuid4().hex[:8]}"
    admin.ask("create", "namespace", name)
    yield name
    admin.ask("delete", "namespace", name, "--wait=false")


def _job(name: str, **environment: str) -> str:
    container = {
        "name": "main",
        "image": "registry.invalid/trainer:1",
        "env": [{"name": key, "value": value} for key, value in environment.items()],
        "resources": {"limits": {"nvidia.com/gpu": "8"}},
    }
    template = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    spec = {"backoffLimit": 0, "template": template}
    return json.dumps(
        {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": spec}
    )


def test_its_nodes_are_ready_and_have_gpus(admin: Kubectl) -> None:
    nodes = {each["metadata"]["name"]: each for each in admin.get("nodes")["items"]}
    assert set(nodes) == {"control-plane", "gpu-1", "gpu-2"}
    for node in nodes.values():
        conditions = {each["type"]: each["status"] for each in node["status"]["conditions"]}
        assert conditions["Ready"] == "True"
    gpus = {
        name: node["status"]["allocatable"].get("nvidia.com/gpu") for name, node in nodes.items()
    }
    assert gpus == {"control-plane": None, "gpu-1": "8", "gpu-2": "8"}


def test_a_job_runs_to_its_end_on_a_simulated_node(admin: Kubectl, namespace: str) -> None:
    admin.ask("apply", "-n", namespace, "-f", "-", stdin=_job("train"))
    admin.ask("wait", "-n", namespace, "job/train", "--for=condition=Complete", "--timeout=60s")
    pod = admin.get("pods", "-n", namespace)["items"][0]
    assert pod["spec"]["nodeName"] in {"gpu-1", "gpu-2"}
    assert pod["status"]["phase"] == "Succeeded"
    assert "step 2 of 2" in admin.ask("logs", "-n", namespace, "job/train")


def test_a_job_can_be_made_to_fail(admin: Kubectl, namespace: str) -> None:
    job = _job("train", TESTBED_OUTCOME="failed", TESTBED_DURATION="100ms")
    admin.ask("apply", "-n", namespace, "-f", "-", stdin=job)
    admin.ask("wait", "-n", namespace, "job/train", "--for=condition=Failed", "--timeout=60s")


def test_a_container_answers_to_exec(admin: Kubectl, namespace: str) -> None:
    job = _job("train", TESTBED_DURATION="10m")
    admin.ask("apply", "-n", namespace, "-f", "-", stdin=job)
    ready = ("wait", "-n", namespace, "pod", "-l", "job-name=train", "--for=condition=Ready")
    waiting.until(lambda: admin.run(*ready).returncode == 0, seconds=60, what="a pod", every=0.2)
    # kwok does not pass on that standard input has ended, so `cat` would wait for ever.
    command = ("exec", "-n", namespace, "-i", "job/train", "--", "head", "-n", "1")
    assert admin.ask(*command, stdin="through a pod\n") == "through a pod\n"
    assert admin.run("exec", "-n", namespace, "job/train", "--", "false").returncode == 1


def test_more_than_there_is_waits(admin: Kubectl, namespace: str) -> None:
    job = json.loads(_job("big"))
    limits = job["spec"]["template"]["spec"]["containers"][0]["resources"]["limits"]
    limits["nvidia.com/gpu"] = "9"
    admin.ask("apply", "-n", namespace, "-f", "-", stdin=json.dumps(job))
    events = waiting.until(
        lambda: admin.ask(
            "get", "events", "-n", namespace, "--field-selector=reason=FailedScheduling"
        ),
        seconds=60,
        what="the scheduler says no",
        every=0.2,
    )
    assert "Insufficient nvidia.com/gpu" in events


def test_the_administrator_is_kubeadms_and_ends_with_the_binding(
    fresh_cluster: document.Cluster, kubectl: Kubectls
) -> None:
    admin = kubectl(fresh_cluster.admin_kubeconfig)
    break_glass = kubectl(fresh_cluster.break_glass_kubeconfig)
    whoami = json.loads(admin.ask("auth", "whoami", "-o", "json"))["status"]["userInfo"]
    assert whoami["username"] == "kubernetes-admin"
    assert whoami["groups"] == ["kubeadm:cluster-admins", "system:authenticated"]
    admin.ask("get", "secrets", "-A")
    break_glass.ask("delete", "clusterrolebinding", "kubeadm:cluster-admins")
    assert "Forbidden" in admin.run("get", "secrets", "-A").stderr
    break_glass.ask("get", "secrets", "-A")


def test_the_audit_log_tells_who_did_what(
    bare_cluster: document.Cluster, admin: Kubectl, namespace: str
) -> None:
    def told() -> bool:
        events = map(json.loads, bare_cluster.audit_log.read_text().splitlines())
        return any(
            event["verb"] == "create"
            and event["user"]["username"] == "kubernetes-admin"
            and event["objectRef"].get("name") == namespace
            for event in events
        )

    waiting.until(told, seconds=20, what="the namespace is in the audit log", every=0.2)


def test_a_changed_authentication_configuration_is_loaded_while_it_runs(
    fresh_cluster: document.Cluster, kubectl: Kubectls
) -> None:
    path = fresh_cluster.authentication_config
    assert path is not None
    assert path.read_text().endswith("kind: AuthenticationConfiguration\njwt: []\n")
    fresh = path.with_name("fresh")
    fresh.write_text(path.read_text() + "# one more line\n")
    fresh.replace(path)
    break_glass = kubectl(fresh_cluster.break_glass_kubeconfig)
    metric = "apiserver_authentication_config_controller_automatic_reloads_total"

    def loaded() -> bool:
        lines = break_glass.ask("get", "--raw", "/metrics").splitlines()
        return any(line.startswith(metric) and 'status="success"' in line for line in lines)

    waiting.until(loaded, seconds=100, what="the API server loads the file", every=0.5)


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_its_certificate_names_the_loopback_addresses(
    bare_cluster: document.Cluster, name: str
) -> None:
    address = urlsplit(bare_cluster.server)
    context = ssl.create_default_context(cafile=bare_cluster.ca)
    with (
        socket.create_connection((address.hostname, address.port)) as connection,
        context.wrap_socket(connection, server_hostname=name) as secured,
    ):
        assert secured.version() == "TLSv1.3"
