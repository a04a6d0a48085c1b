"""Projects, and which of them are mine."""

from dataclasses import dataclass
from urllib.parse import quote

from labpass.api import fields
from labpass.api.client import Client
from labpass.api.fields import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """Where a project lives on one cluster."""

    cluster: str
    namespace: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project; ``namespaces`` is empty for who may only know its name."""

    name: str
    hidden: bool
    pod_security: str
    created_at: str
    namespaces: tuple[Namespace, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """A project on a cluster where the person has a live rule."""

    project: str
    cluster: str
    namespace: str
    role: str
    server: str | None
    audience: str
    ends_at: str | None


def load_all(client: Client) -> tuple[Project, ...]:
    """Return every project the person may know of."""
    return tuple(fields.read(Project, item) for item in client.items("/projects"))


def load_mine(client: Client) -> tuple[Mine, ...]:
    """Return where the person may work."""
    return tuple(fields.read(Mine, item) for item in client.items("/me/projects"))


def load(client: Client, name: str) -> Project:
    """Return one project."""
    return fields.read(Project, client.get(_path(name)))


def create(client: Client, body: Document) -> Project:
    """Make a project; its namespaces follow within moments."""
    return fields.read(Project, client.post("/projects", body))


def edit(client: Client, name: str, body: Document) -> Project:
    """Change what the body names."""
    return fields.read(Project, client.patch(_path(name), body))


def delete(client: Client, name: str) -> Project:
    """Delete a project and its rules; the namespaces in the answer stay."""
    return fields.read(Project, client.delete(_path(name)))


def _path(name: str) -> str:
    return f"/projects/{quote(name, safe='')}"
