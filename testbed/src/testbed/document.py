"""What `up` prints: where everything of a running testbed is. Paths are files."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """One cluster; ``audience`` is None until Labpass has a record of it."""

    name: str
    version: str
    server: str
    ca: Path
    audience: str | None
    admin_kubeconfig: Path
    break_glass_kubeconfig: Path
    authentication_config: Path | None
    audit_log: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Somebody who can sign in; the password stays in its file."""

    handle: str
    password_file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Labpass:
    """The running labpass-server."""

    issuer: str
    ca: Path
    pid: int
    admin: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """One project on one cluster, and who may use it."""

    name: str
    cluster: str
    namespace: str
    researchers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole testbed; ``labpass`` is None when it was brought up bare."""

    state: Path
    clusters: tuple[Cluster, ...]
    labpass: Labpass | None = None
    people: tuple[Account, ...] = ()
    projects: tuple[Project, ...] = ()


def render(document: Document) -> str:
    """Return the document as JSON, keys in the order above."""
    return json.dumps(asdict(document), indent=2, default=str)


def parse(text: str) -> Document:
    """Read what `render` wrote."""
    found: dict[str, Any] = json.loads(text)
    return Document(
        state=Path(found["state"]),
        clusters=tuple(_cluster(each) for each in found["clusters"]),
        labpass=_labpass(found["labpass"]),
        people=tuple(_account(each) for each in found["people"]),
        projects=tuple(
            Project(**(each | {"researchers": tuple(each["researchers"])}))
            for each in found["projects"]
        ),
    )


def _cluster(found: dict[str, Any]) -> Cluster:
    config = found["authentication_config"]
    return Cluster(
        name=found["name"],
        version=found["version"],
        server=found["server"],
        ca=Path(found["ca"]),
        audience=found["audience"],
        admin_kubeconfig=Path(found["admin_kubeconfig"]),
        break_glass_kubeconfig=Path(found["break_glass_kubeconfig"]),
        authentication_config=None if config is None else Path(config),
        audit_log=Path(found["audit_log"]),
    )


def _labpass(found: dict[str, Any] | None) -> Labpass | None:
    if found is None:
        return None
    return Labpass(
        issuer=found["issuer"],
        ca=Path(found["ca"]),
        pid=found["pid"],
        admin=_account(found["admin"]),
    )


def _account(found: dict[str, Any]) -> Account:
    return Account(handle=found["handle"], password_file=Path(found["password_file"]))
