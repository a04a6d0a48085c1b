"""Kubeconfigs with a client certificate in them, as kubeadm writes them."""

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ruamel.yaml

from testbed import files
from testbed.cluster import certificates


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a cluster is, and whose certificate it shows."""

    cluster: str
    server: str
    ca: Path


def write(path: Path, address: Address, *, user: str, pair: certificates.Pair) -> Path:
    """Write a kubeconfig with one client certificate, laid out as kubeadm's admin.conf."""
    return files.write(path, _yaml(_document(address, user, pair)))


def _document(address: Address, user: str, pair: certificates.Pair) -> dict[str, Any]:
    cluster = address.cluster
    context = f"{user}@{cluster}"
    return {
        "apiVersion": "v1",
        "clusters": [
            {
                "cluster": {
                    "certificate-authority-data": _inline(address.ca),
                    "server": address.server,
                },
                "name": cluster,
            }
        ],
        "contexts": [{"context": {"cluster": cluster, "user": user}, "name": context}],
        "current-context": context,
        "kind": "Config",
        "preferences": {},
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": _inline(pair.certificate),
                    "client-key-data": _inline(pair.key),
                },
            }
        ],
    }


def _inline(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _yaml(document: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    dumper = ruamel.yaml.YAML(typ="safe")
    dumper.default_flow_style = False
    dumper.width = 1_000_000
    dumper.dump(document, out)
    return out.getvalue()
