"""One cluster from nothing to nodes that are ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from testbed import document, waiting
from testbed.cluster import control_plane, layout, nodes, prepare
from testbed.cluster.api import Api
from testbed.problems import Problem
from testbed.processes import Processes
from testbed.programs import Programs
from testbed.version import Version

_READY_SECONDS = 90.0
_ADMINISTRATORS = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRoleBinding",
    "metadata": {"name": "kubeadm:cluster-admins"},
    "roleRef": {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "ClusterRole",
        "name": "cluster-admin",
    },
    "subjects": [
        {"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "kubeadm:cluster-admins"}
    ],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What a cluster is started with."""

    programs: Programs
    processes: Processes
    environment: Mapping[str, str]


def bring_up(name: str, root: Path, *, version: Version, machine: Machine) -> document.Cluster:
    """Start one cluster below ``root``, return when its nodes are ready; else raises `Problem`."""
    plan, break_glass = prepare.prepare(layout.Layout(root=root, name=name), version)
    _start(plan, machine, "etcd", control_plane.etcd(plan))
    _start(plan, machine, "kube-apiserver", control_plane.api_server(plan))
    with Api(plan.server, ca=plan.keys.ca.certificate, pair=break_glass) as api:
        _until(api.is_ready, plan, machine, what="kube-apiserver ready")
        _furnish(api, version)
        _start(plan, machine, "kube-controller-manager", control_plane.controller_manager(plan))
        _start(plan, machine, "kube-scheduler", control_plane.scheduler(plan))
        _start(plan, machine, "kwok", control_plane.kwok(plan))
        _until(lambda: _lives(api), plan, machine, what="nodes ready")
    return _describe(plan)


def _start(
    plan: control_plane.Plan, machine: Machine, program: str, arguments: tuple[str, ...]
) -> None:
    machine.processes.start(
        f"{plan.layout.name}-{program}",
        (str(machine.programs.path(program)), *arguments),
        log=plan.layout.logs / f"{program}.log",
        environment=machine.environment,
    )


def _furnish(api: Api, version: Version) -> None:
    bindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
    api.apply(f"{bindings}/kubeadm:cluster-admins", _ADMINISTRATORS)
    for manifest in nodes.manifests(version):
        api.create("/api/v1/nodes", manifest)


def _lives(api: Api) -> bool:
    """Whether nodes are ready and rid of their first taints, and pods can have an account."""
    try:
        found = api.get("/api/v1/nodes")["items"]
        account = api.exists("/api/v1/namespaces/default/serviceaccounts/default")
    except httpx2.HTTPError:
        return False
    return account and all(_is_ready(node) for node in found)


def _is_ready(node: dict[str, Any]) -> bool:
    taints = {taint["key"] for taint in node["spec"].get("taints", ())}
    ready = any(
        condition["type"] == "Ready" and condition["status"] == "True"
        for condition in node["status"].get("conditions", ())
    )
    return ready and "node.kubernetes.io/not-ready" not in taints


def _until(
    look: Callable[[], bool], plan: control_plane.Plan, machine: Machine, *, what: str
) -> None:
    """Wait, and stop waiting as soon as one of the cluster's programs has ended."""

    def look_again() -> bool:
        for process in machine.processes.recorded():
            if process.name.startswith(f"{plan.layout.name}-") and not process.is_running():
                words = _last_words(plan, process.name)
                raise Problem(f"{process.name} ended by itself; its last words:\n{words}")
        return look()

    waiting.until(look_again, seconds=_READY_SECONDS, what=f"{plan.layout.name}: {what}")


def _last_words(plan: control_plane.Plan, process: str) -> str:
    program = process.removeprefix(f"{plan.layout.name}-")
    lines = (plan.layout.logs / f"{program}.log").read_text(errors="replace").splitlines()
    return "\n".join(f"  {line}" for line in lines[-8:])


def _describe(plan: control_plane.Plan) -> document.Cluster:
    paths = plan.layout
    return document.Cluster(
        name=paths.name,
        version=str(plan.version),
        server=plan.server,
        ca=plan.keys.ca.certificate,
        audience=None,
        admin_kubeconfig=paths.admin_kubeconfig,
        break_glass_kubeconfig=paths.break_glass_kubeconfig,
        authentication_config=paths.authentication_config
        if plan.version.authentication_api
        else None,
        audit_log=paths.audit_log,
    )
