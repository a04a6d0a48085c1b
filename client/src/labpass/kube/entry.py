"""What one kubeconfig entry says: where the API server is and how to be somebody there."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from labpass.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """An API server. ``ca_pem`` is the only trust when given; else the system's store is."""

    server: str
    ca_pem: str | None = None
    tls_server_name: str | None = None
    proxy_url: str | None = field(default=None, repr=False)  # may hold a password


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCertificate:
    """A certificate with its key, both PEM."""

    certificate_pem: str
    key_pem: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerToken:
    """A token that is written down."""

    token: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenFile:
    """A token in a file that somebody else renews; read again for each request."""

    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecPlugin:
    """A program that prints an ExecCredential (client.authentication.k8s.io/v1 or v1beta1)."""

    api_version: str
    command: str
    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)  # may hold a password
    interactive_mode: str = "IfAvailable"
    provide_cluster_info: bool = False
    install_hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymous:
    """Nobody."""


Credential: TypeAlias = ClientCertificate | BearerToken | TokenFile | ExecPlugin | Anonymous


@dataclass(frozen=True, slots=True, kw_only=True)
class Impersonation:
    """Whom to act as, by the API server's leave (``as`` of a kubeconfig user)."""

    user: str
    groups: tuple[str, ...] = ()
    uid: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One context of a kubeconfig, resolved."""

    context: str
    endpoint: Endpoint
    credential: Credential
    namespace: str = ""
    impersonation: Impersonation | None = None
