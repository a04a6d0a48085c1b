"""One cluster from nothing to nodes that are ready."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from testbed import document, files, ports, waiting
from testbed.cluster import certificates, control_plane, kubeconfig, layout, nodes
from testbed.cluster.api import Api
from testbed.problems import Problem
from testbed.processes import Processes
from testbed.programs import Programs
from testbed.version import Version

_READY_SECONDS = 90.0
_HOSTS = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "localhost",
    "127.0.0.1",
    "::1",
    "10.96.0.1",
)
_COMPONENTS = {
    "controller-manager": ("system:kube-controller-manager", ()),
    "scheduler": ("system:kube-scheduler", ()),
    # kwok writes the status of every node and pod, which no built-in role for one kubelet allows.
    "kwok": ("kwok", ("system:masters",)),
}
_AUDIT_POLICY = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived"],
    "rules": [{"level": "Metadata"}],
}
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
    plan, break_glass = _prepare(layout.Layout(root=root, name=name), version)
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


def _prepare(
    paths: layout.Layout, version: Version
) -> tuple[control_plane.Plan, certificates.Pair]:
    paths.prepare()
    authority = certificates.Authority("kubernetes", paths.pki)
    plan = control_plane.Plan(
        version=version, layout=paths, ports=_ports(), keys=_keys(authority, paths.pki)
    )
    _write_configuration(plan)
    return plan, _write_kubeconfigs(plan, authority)


def _ports() -> control_plane.Ports:
    return control_plane.Ports(
        api_server=ports.free(), etcd=ports.free(), etcd_peer=ports.free(), kubelet=ports.free()
    )


def _keys(authority: certificates.Authority, pki: Path) -> control_plane.Keys:
    service_accounts = certificates.rsa_key()
    return control_plane.Keys(
        ca=authority.pair,
        etcd=authority.server("etcd", hosts=("localhost", "127.0.0.1", "::1")),
        api_server=authority.server("apiserver", hosts=_HOSTS),
        kubelet=authority.server("kubelet", hosts=("localhost", "127.0.0.1", "::1")),
        kubelet_client=authority.client(
            "apiserver-kubelet-client", name="kube-apiserver-kubelet-client"
        ),
        service_accounts=files.write(pki / "sa.key", certificates.private_pem(service_accounts)),
        service_accounts_public=files.write(
            pki / "sa.pub", certificates.public_pem(service_accounts)
        ),
    )


def _write_configuration(plan: control_plane.Plan) -> None:
    paths = plan.layout
    files.write(paths.audit_policy, json.dumps(_AUDIT_POLICY))
    log = files.write(paths.root / "container.log", nodes.LOG)
    kwok = nodes.configuration(pods=paths.pods, log=log, kubelet_port=plan.ports.kubelet)
    files.write(paths.kwok_config, kwok)
    if api := plan.version.authentication_api:
        empty = f"apiVersion: {api}\nkind: AuthenticationConfiguration\njwt: []\n"
        files.write(paths.authentication_config, empty)


def _write_kubeconfigs(
    plan: control_plane.Plan, authority: certificates.Authority
) -> certificates.Pair:
    """Write every kubeconfig and return the break-glass credential."""
    address = kubeconfig.Address(
        cluster=plan.layout.name, server=plan.server, ca=plan.keys.ca.certificate
    )

    def write(path: Path, user: str, pair: certificates.Pair) -> None:
        kubeconfig.write(path, address, user=user, pair=pair)

    for component, (user, groups) in _COMPONENTS.items():
        write(
            plan.layout.component_kubeconfig(component),
            user,
            authority.client(component, name=user, groups=groups),
        )
    admin, break_glass = "kubernetes-admin", "kubernetes-super-admin"
    groups = ("kubeadm:cluster-admins",)
    write(
        plan.layout.admin_kubeconfig,
        admin,
        authority.client("admin", name=admin, groups=groups, as_kubeadm=True),
    )
    super_admin = authority.client(
        "super-admin", name=break_glass, groups=("system:masters",), as_kubeadm=True
    )
    write(plan.layout.break_glass_kubeconfig, break_glass, super_admin)
    return super_admin


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
