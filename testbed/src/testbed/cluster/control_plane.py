"""The command lines of a control plane, with kubeadm's flags where they matter to Labpass."""

from dataclasses import dataclass
from pathlib import Path

from testbed.cluster import certificates, layout
from testbed.version import Version

SERVICE_ACCOUNT_ISSUER = "https://kubernetes.default.svc.cluster.local"
LOOPBACK = "127.0.0.1"
_SERVICES = "10.96.0.0/16"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where one cluster's programs listen, all on the loopback address."""

    api_server: int
    etcd: int
    etcd_peer: int
    kubelet: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What the programs of one cluster prove themselves with."""

    ca: certificates.Pair
    etcd: certificates.Pair
    api_server: certificates.Pair
    kubelet: certificates.Pair
    kubelet_client: certificates.Pair
    service_accounts: Path
    service_accounts_public: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything a command line of this cluster needs to know."""

    version: Version
    layout: layout.Layout
    ports: Ports
    keys: Keys

    @property
    def server(self) -> str:
        """The address of the API server."""
        return f"https://{LOOPBACK}:{self.ports.api_server}"


def etcd(plan: Plan) -> tuple[str, ...]:
    """One member, client certificates on both ports, no fsync: nothing outlives its testbed."""
    clients, peers = (
        f"https://{LOOPBACK}:{port}" for port in (plan.ports.etcd, plan.ports.etcd_peer)
    )
    pair, ca = plan.keys.etcd, plan.keys.ca.certificate
    return (
        "--name=testbed",
        f"--data-dir={plan.layout.etcd}",
        f"--listen-client-urls={clients}",
        f"--advertise-client-urls={clients}",
        f"--listen-peer-urls={peers}",
        f"--initial-advertise-peer-urls={peers}",
        f"--initial-cluster=testbed={peers}",
        "--client-cert-auth",
        f"--trusted-ca-file={ca}",
        f"--cert-file={pair.certificate}",
        f"--key-file={pair.key}",
        "--peer-client-cert-auth",
        f"--peer-trusted-ca-file={ca}",
        f"--peer-cert-file={pair.certificate}",
        f"--peer-key-file={pair.key}",
        "--unsafe-no-fsync",
    )


def api_server(plan: Plan) -> tuple[str, ...]:
    """As kubeadm starts it, plus the audit log and the authentication configuration."""
    keys, paths = plan.keys, plan.layout
    structured = (
        (f"--authentication-config={paths.authentication_config}",)
        if plan.version.authentication_api
        else ()
    )
    return (
        f"--bind-address={LOOPBACK}",
        f"--advertise-address={LOOPBACK}",
        "--endpoint-reconciler-type=none",  # else it complains each second of a loopback endpoint
        f"--secure-port={plan.ports.api_server}",
        f"--tls-cert-file={keys.api_server.certificate}",
        f"--tls-private-key-file={keys.api_server.key}",
        f"--client-ca-file={keys.ca.certificate}",
        f"--etcd-servers=https://{LOOPBACK}:{plan.ports.etcd}",
        f"--etcd-cafile={keys.ca.certificate}",
        f"--etcd-certfile={keys.etcd.certificate}",
        f"--etcd-keyfile={keys.etcd.key}",
        "--authorization-mode=Node,RBAC",
        "--enable-admission-plugins=NodeRestriction",
        "--allow-privileged=true",  # as kubeadm: what refuses privileged pods is Pod Security
        f"--service-account-issuer={SERVICE_ACCOUNT_ISSUER}",
        f"--service-account-key-file={keys.service_accounts_public}",
        f"--service-account-signing-key-file={keys.service_accounts}",
        f"--service-cluster-ip-range={_SERVICES}",
        f"--kubelet-client-certificate={keys.kubelet_client.certificate}",
        f"--kubelet-client-key={keys.kubelet_client.key}",
        f"--kubelet-certificate-authority={keys.ca.certificate}",
        "--kubelet-preferred-address-types=InternalIP",
        f"--audit-policy-file={paths.audit_policy}",
        f"--audit-log-path={paths.audit_log}",
        "--profiling=false",
        *structured,
    )


def controller_manager(plan: Plan) -> tuple[str, ...]:
    """Each controller with its own account, as kubeadm does: policies tell them apart by it."""
    kubeconfig = plan.layout.component_kubeconfig("controller-manager")
    return (
        f"--kubeconfig={kubeconfig}",
        "--use-service-account-credentials",
        f"--service-account-private-key-file={plan.keys.service_accounts}",
        f"--root-ca-file={plan.keys.ca.certificate}",
        f"--cluster-signing-cert-file={plan.keys.ca.certificate}",
        f"--cluster-signing-key-file={plan.keys.ca.key}",
        "--leader-elect=false",
        "--secure-port=0",
        "--profiling=false",
    )


def scheduler(plan: Plan) -> tuple[str, ...]:
    """The default scheduler, which knows nvidia.com/gpu as any other resource."""
    kubeconfig = plan.layout.component_kubeconfig("scheduler")
    return (
        f"--kubeconfig={kubeconfig}",
        "--leader-elect=false",
        "--secure-port=0",
        "--profiling=false",
    )


def kwok(plan: Plan) -> tuple[str, ...]:
    """All nodes' kubelets in one process."""
    return (
        f"--kubeconfig={plan.layout.component_kubeconfig('kwok')}",
        f"--config={plan.layout.kwok_config}",
        "--manage-all-nodes",
        f"--node-ip={LOOPBACK}",
        f"--node-port={plan.ports.kubelet}",
        f"--server-address={LOOPBACK}:{plan.ports.kubelet}",
        f"--tls-cert-file={plan.keys.kubelet.certificate}",
        f"--tls-private-key-file={plan.keys.kubelet.key}",
        "--node-lease-duration-seconds=40",
    )
