"""A project: the boundary of access, one namespace on each cluster it is on."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from labpass.cluster import names
from labpass_server.model.cluster import ClusterId
from labpass_server.model.errors import Invalid

ProjectId = NewType("ProjectId", str)

_NAME: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
_NAMESPACE: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_RESERVED: Final = frozenset({"system", "default", "labpass"})
_RESERVED_BEGINNINGS: Final = ("kube-", "openshift-")


class PodSecurity(StrEnum):
    """The Pod Security level that a project's namespaces enforce; never less than baseline."""

    BASELINE = "baseline"
    RESTRICTED = "restricted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The namespace of a project on one cluster."""

    cluster_id: ClusterId
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A project. A hidden one is unknown to everybody who holds nothing in it."""

    id: ProjectId
    name: str
    is_hidden: bool
    pod_security: PodSecurity
    placements: tuple[Placement, ...]
    created_at: datetime


def valid_name(text: str) -> str:
    """Return the name, or raise `Invalid`: 1 to 40 of ``a-z 0-9 -``, a letter first."""
    if _NAME.fullmatch(text) is None:
        raise Invalid("name", "1 to 40 of a-z, 0-9 and -, a letter first, no - at the end")
    if text in _RESERVED or text.startswith(_RESERVED_BEGINNINGS):
        raise Invalid("name", f"{text!r} is a reserved name")
    return text


def valid_namespace(text: str) -> str:
    """Return the namespace's name, or raise `Invalid`; a cluster's own ones are refused."""
    if _NAMESPACE.fullmatch(text) is None:
        raise Invalid("namespace", "1 to 63 of a-z, 0-9 and -, a letter first, no - at the end")
    is_reserved = text in _RESERVED or text == names.SYSTEM_NAMESPACE
    if is_reserved or text.startswith(_RESERVED_BEGINNINGS):
        raise Invalid("namespace", f"{text!r} is a namespace of the cluster itself")
    return text


def default_namespace(name: str) -> str:
    """Name the namespace of a project that asked for none."""
    return f"{names.PREFIX}{name}"
