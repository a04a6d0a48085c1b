"""A cluster as Labpass knows it: its record, its connection, and the little a token needs."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from labpass.secret import Secret
from labpass_server.model.errors import Invalid

ClusterId = NewType("ClusterId", str)

PREFIX: Final = "labpass:"
"""What user names and groups of Labpass begin with in a cluster, unless the cluster dictates it."""

_NAME: Final = re.compile(r"[a-z](?:[a-z0-9-]{0,38}[a-z0-9])?")
_LONGEST_PREFIX: Final = 64
_LONGEST_SERVER: Final = 1024


class Algorithm(StrEnum):
    """How the tokens of a cluster are signed."""

    RS256 = "RS256"
    ES256 = "ES256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What identity needs to issue a token for a cluster."""

    cluster_id: ClusterId
    name: str
    audience: str
    username_prefix: str
    groups_prefix: str
    algorithm: Algorithm


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """The record of a cluster. ``audience`` never changes; ``installation`` is the label we own by.

    ``server`` and ``certificate_authority`` (PEM) are what kubeconfigs are made of.
    """

    id: ClusterId
    name: str
    audience: str
    installation: str
    server: str | None
    certificate_authority: str | None
    username_prefix: str
    groups_prefix: str
    algorithm: Algorithm
    created_at: datetime

    @property
    def target(self) -> Target:
        """What identity may know of it."""
        return Target(
            cluster_id=self.id,
            name=self.name,
            audience=self.audience,
            username_prefix=self.username_prefix,
            groups_prefix=self.groups_prefix,
            algorithm=self.algorithm,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How the reconciler reaches a cluster. The account's token stays sealed in here."""

    cluster_id: ClusterId
    server: str
    certificate_authority: str | None
    sealed_token: bytes
    token_expires_at: datetime
    token_renewed_at: datetime
    kubernetes_version: str
    installed_definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that a pass could not do, in words; ``namespace`` is ``None`` for the whole."""

    namespace: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What the last pass of the reconciler over a cluster left to say.

    ``revision`` is the revision of the rules that it worked from.
    """

    cluster_id: ClusterId
    at: datetime
    revision: int
    is_reachable: bool
    problems: tuple[Problem, ...]

    def has_done(self, revision: int, namespace: str) -> bool:
        """Whether everything of that revision holds in that namespace."""
        is_free = all(each.namespace not in {None, namespace} for each in self.problems)
        return self.is_reachable and self.revision >= revision and is_free


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """How to reach a cluster, opened: never stored like this and never shown."""

    server: str
    certificate_authority: str | None
    token: Secret


class State(StrEnum):
    """How far a cluster has come."""

    RECORDED = "recorded"
    CONNECTED = "connected"
    UNREACHABLE = "unreachable"


def state(connection: Connection | None, last: Pass | None) -> State:
    """Tell how far a cluster has come; a fresh connection counts as connected."""
    if connection is None:
        return State.RECORDED
    if last is not None and not last.is_reachable:
        return State.UNREACHABLE
    return State.CONNECTED


def valid_name(text: str) -> str:
    """Return the name, or raise `Invalid`: 1 to 40 of ``a-z 0-9 -``, a letter first."""
    if _NAME.fullmatch(text) is None:
        raise Invalid("name", "1 to 40 of a-z, 0-9 and -, a letter first, no - at the end")
    return text


def valid_prefix(text: str) -> str:
    """Return the prefix, or raise `Invalid`.

    Never empty: a bare name could be ``kubernetes-admin``. Never one that Kubernetes reserves. It
    ends with a colon, so that no prefix and name together read as another prefix and name.
    """
    reserved = ("system:", "kubeadm:", "kube:")
    is_plain = re.fullmatch(r"[a-z0-9][a-z0-9:._-]*:", text) is not None
    if not is_plain or len(text) > _LONGEST_PREFIX or text.startswith(reserved):
        raise Invalid(
            "username_prefix", "lower-case, ends with a colon, not reserved by Kubernetes"
        )
    return text


def token_purpose(cluster_id: ClusterId) -> str:
    """Name what a sealed token is for: a row moved to another cluster does not open there."""
    return f"cluster-token {cluster_id}"


def audience(name: str, tail: str) -> str:
    """Name the audience of a cluster; ``tail`` is random, so that it is never used twice."""
    return f"labpass-{name}-{tail}"


def valid_server(text: str) -> str:
    """Return the address of an API server, or raise `Invalid`."""
    shape = r"https://(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+)(?::[0-9]{1,5})?(?:/[A-Za-z0-9/._~-]*)?"
    if len(text) > _LONGEST_SERVER or re.fullmatch(shape, text) is None:
        raise Invalid("server", "https://HOST[:PORT][/PATH], without user, query or fragment")
    return text


def valid_certificate_authority(text: str) -> str:
    """Return certificates in PEM, or raise `Invalid`; a private key among them is refused."""
    blocks = re.findall(r"-----BEGIN ([A-Z0-9 ]+)-----", text)
    if not blocks or set(blocks) != {"CERTIFICATE"}:
        raise Invalid("ca", "certificates in PEM, and nothing else")
    return text
