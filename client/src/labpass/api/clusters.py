"""Clusters: records, bundles, connections."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from labpass.api import fields
from labpass.api.client import Client
from labpass.api.fields import Document
from labpass.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A cluster's record, and what the server last saw of it. Times are as answered."""

    name: str
    audience: str
    issuer: str
    installation: str
    server: str | None
    ca: str | None
    username_prefix: str
    groups_prefix: str
    algorithm: str
    state: str
    kubernetes_version: str | None
    installed_definition: str | None
    account_expires_at: str | None
    last_pass_at: str | None
    last_error: str | None
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How the server reaches a cluster as its own account there."""

    server: str
    ca: str | None
    token: Secret
    token_expires_at: datetime
    kubernetes_version: str
    installed_definition: str


def load_all(client: Client) -> tuple[Cluster, ...]:
    """Return every cluster."""
    return tuple(fields.read(Cluster, item) for item in client.items("/clusters"))


def load(client: Client, name: str) -> Cluster:
    """Return one cluster."""
    return fields.read(Cluster, client.get(_path(name)))


def add(client: Client, body: Document) -> Cluster:
    """Make a record, and with it the audience."""
    return fields.read(Cluster, client.post("/clusters", body))


def remove(client: Client, name: str) -> None:
    """Remove the record; nothing in the cluster is touched."""
    client.delete(_path(name))


def bundle(client: Client, name: str, *, minutes: int | None) -> Document:
    """Return the bundle as answered: it holds two canary tokens."""
    body = {} if minutes is None else {"lifetime_minutes": minutes}
    return client.post(f"{_path(name)}/bundle", body)


def connect(client: Client, name: str, connection: Connection) -> Cluster:
    """Hand the account's token over; the server tries it before it answers."""
    body = {
        "server": connection.server,
        "ca": connection.ca,
        "token": connection.token.reveal(),
        "token_expires_at": connection.token_expires_at.isoformat(),
        "kubernetes_version": connection.kubernetes_version,
        "installed_definition": connection.installed_definition,
    }
    return fields.read(Cluster, client.put(f"{_path(name)}/connection", body))


def disconnect(client: Client, name: str) -> None:
    """Make the server forget the account's token."""
    client.delete(f"{_path(name)}/connection")


def _path(name: str) -> str:
    return f"/clusters/{quote(name, safe='')}"
