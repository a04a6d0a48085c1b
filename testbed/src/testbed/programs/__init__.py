"""The programs that make a cluster: found, or built from the Go module proxy."""

from dataclasses import dataclass
from pathlib import Path

NAMES = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok", "kubectl")
# Programs of others that Labpass is tried with and measured beside; no cluster needs them.
PEERS = ("kubelogin",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Programs:
    """A folder that holds every program."""

    folder: Path

    def path(self, name: str) -> Path:
        """Return where the program is."""
        return self.folder / name
