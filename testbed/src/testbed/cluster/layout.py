"""Where the files of one cluster are."""

from dataclasses import dataclass
from pathlib import Path

from testbed import files


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The folder of one cluster; made by `prepare`."""

    root: Path
    name: str

    def prepare(self) -> None:
        """Make every folder; the authentication configuration has one of its own, as mounts do."""
        for folder in (
            self.pki,
            self.logs,
            self.etcd,
            self.authentication_config.parent,
            self.pods,
        ):
            files.folder(folder)
        files.folder(self.audit_log.parent)

    @property
    def pki(self) -> Path:
        """Certificates and keys."""
        return self.root / "pki"

    @property
    def logs(self) -> Path:
        """What the programs say."""
        return self.root / "logs"

    @property
    def etcd(self) -> Path:
        """The database."""
        return self.root / "etcd"

    @property
    def pods(self) -> Path:
        """What simulated containers find: their working folder and their log."""
        return self.root / "pods"

    @property
    def authentication_config(self) -> Path:
        """The file that the API server watches."""
        return self.root / "authentication" / "config.yaml"

    @property
    def audit_log(self) -> Path:
        """One JSON event a line."""
        return self.root / "audit" / "audit.log"

    @property
    def audit_policy(self) -> Path:
        """What is written to it."""
        return self.root / "audit-policy.yaml"

    @property
    def kwok_config(self) -> Path:
        """How simulated nodes and pods live."""
        return self.root / "kwok.yaml"

    @property
    def admin_kubeconfig(self) -> Path:
        """The administrator's, as kubeadm writes it."""
        return self.root / "admin.conf"

    @property
    def break_glass_kubeconfig(self) -> Path:
        """The one that RBAC never refuses."""
        return self.root / "super-admin.conf"

    def component_kubeconfig(self, component: str) -> Path:
        """The kubeconfig of a controller."""
        return self.root / f"{component}.conf"
