"""What lies in a cluster's folder before anything starts: keys, configuration, kubeconfigs."""

import json
from pathlib import Path

from testbed import files, ports
from testbed.cluster import certificates, control_plane, kubeconfig, layout, nodes
from testbed.version import Version

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


def prepare(paths: layout.Layout, version: Version) -> tuple[control_plane.Plan, certificates.Pair]:
    """Write every file and return the plan, with the credential that breaks glass."""
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
