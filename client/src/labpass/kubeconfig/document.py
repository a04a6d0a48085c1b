"""A researcher's kubeconfig as a value, built from an allow-list.

Pure, and imports nothing of ours: the server may use it.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

PLUGIN: Final = "labpass-credential"
EXTENSION: Final = "labpass.dev"
HINT: Final = (
    "labpass is missing on this machine. Install it, then: labpass login --server {issuer}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How a token for one cluster is got: the plugin and its five arguments."""

    command: str
    key: str
    issuer: str
    audience: str
    profile: str
    version: str = "v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One project on one cluster, as a context shows it."""

    context: str
    server: str
    ca_pem: str | None
    namespace: str
    login: Login


def build(places: Sequence[Place], *, current: str | None = None) -> dict[str, Any]:
    """Return a whole kubeconfig. Clusters and users are named by audience, which is unique."""
    clusters = {place.login.audience: _cluster(place) for place in places}
    users = {place.login.audience: user(place.login) for place in places}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": list(clusters.values()),
        "users": list(users.values()),
        "contexts": [_context(place) for place in places],
        "current-context": current or "",
    }


def user(login: Login) -> dict[str, Any]:
    """Return the user entry: our plugin and nothing else."""
    return {
        "name": login.audience,
        "user": {
            "exec": {
                "apiVersion": f"client.authentication.k8s.io/{login.version}",
                "command": login.command,
                "args": [login.version, login.key, login.issuer, login.audience, login.profile],
                "interactiveMode": "IfAvailable",
                "provideClusterInfo": False,
                "installHint": HINT.format(issuer=login.issuer),
            }
        },
    }


def _cluster(place: Place) -> dict[str, Any]:
    inside: dict[str, Any] = {"server": place.server}
    if place.ca_pem:
        inside["certificate-authority-data"] = base64.b64encode(place.ca_pem.encode()).decode()
    inside["extensions"] = _ours(place.login.issuer)
    return {"name": place.login.audience, "cluster": inside}


def _context(place: Place) -> dict[str, Any]:
    return {
        "name": place.context,
        "context": {
            "cluster": place.login.audience,
            "user": place.login.audience,
            "namespace": place.namespace,
            "extensions": _ours(place.login.issuer),
        },
    }


def _ours(issuer: str) -> list[dict[str, Any]]:
    """Mark an entry as ours, so that a later run knows what it may change."""
    return [{"name": EXTENSION, "extension": {"issuer": issuer}}]


def plain(value: Any) -> Any:
    """Return a copy made of plain dicts and lists, whatever library parsed it, without nulls.

    kubectl writes a null for each field that it knows and nobody set.
    """
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [plain(v) for v in value]
    return value
