"""What a cluster holds of what Labpass would install there, compared by the API server itself."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from labpass import problems
from labpass.cluster import definition, manifest, names
from labpass.cluster.manifest import Manifest
from labpass.kube.client import Client

SERVER_SIDE: Final = frozenset({"Namespace", "ServiceAccount"})
"""Kinds whose objects others write to as well; all else is ours whole and replaced whole."""

_NOISE: Final = frozenset({"managedFields", "resourceVersion", "generation"})


class State(StrEnum):
    """How an object stands in the cluster."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the cluster's record says: whose it will be and how people are spelled there."""

    installation: str
    username_prefix: str
    groups_prefix: str

    def objects(self, version: tuple[int, int]) -> tuple[Manifest, ...]:
        """Return what to install, in safe order; raises `problems.Conflict` below 1.30."""
        try:
            return definition.objects(
                self.installation, self.username_prefix, self.groups_prefix, version
            )
        except definition.TooOld as e:
            hint = "such a cluster can trust Labpass, but Labpass cannot manage access there"
            raise problems.Conflict(str(e), hint) from e


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One object and how it stands. ``found`` is what the cluster has."""

    wanted: Manifest
    state: State
    found: Mapping[str, Any] | None = None

    @property
    def title(self) -> str:
        """Name it for people."""
        return manifest.title(self.wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """A cluster before anything is changed. ``stale`` are ours from another version of Labpass."""

    wanted: Wanted
    kubernetes_version: str
    version: tuple[int, int]
    changes: tuple[Change, ...]
    stale: tuple[Manifest, ...] = ()

    @property
    def digest(self) -> str:
        """The digest that a finished installation carries."""
        wanted = self.wanted
        return definition.digest(
            wanted.installation, wanted.username_prefix, wanted.groups_prefix, self.version
        )


def survey(client: Client, wanted: Wanted) -> Survey:
    """Look, and change nothing.

    Raises `problems.Conflict` for a cluster of another installation, one below Kubernetes 1.30, or
    one where a name of ours is another's.
    """
    told = client.get("/version")
    version = parse_version(str(told["major"]), str(told["minor"]))
    objects = wanted.objects(version)
    refuse_another(client, wanted.installation)
    return Survey(
        wanted=wanted,
        kubernetes_version=str(told["gitVersion"]),
        version=version,
        changes=tuple(_compare(client, each) for each in objects),
        stale=tuple(each for each in ours(client) if _key(each) not in set(map(_key, objects))),
    )


def parse_version(major: str, minor: str) -> tuple[int, int]:
    """Read what /version says; some distributions write ``30+``."""
    numbers = [re.match(r"\d+", part) for part in (major, minor)]
    if None in numbers:
        raise problems.Problem(f"the API server's version {major}.{minor} is not one")
    first, second = (int(found.group()) for found in numbers if found is not None)
    return first, second


def refuse_another(client: Client, installation: str) -> None:
    """Raise `problems.Conflict` when `labpass-system` is another installation's, or nobody's."""
    try:
        found = client.get(f"/api/v1/namespaces/{names.SYSTEM_NAMESPACE}")
    except problems.NotFound:
        return
    owner = (found["metadata"].get("annotations") or {}).get(names.INSTALLATION, "")
    if owner != installation:
        said = f"the Labpass installation {owner}" if owner else "something else"
        hint = "remove the cluster there first; one cluster has one Labpass"
        raise problems.Conflict(f"{names.SYSTEM_NAMESPACE} of this cluster is of {said}", hint)
    if found["metadata"].get("deletionTimestamp"):
        message = f"the namespace {names.SYSTEM_NAMESPACE} is still being deleted"
        raise problems.Conflict(message, "try again in a moment")


def ours(client: Client) -> tuple[Manifest, ...]:
    """Return the cluster-wide objects there that an installation of Labpass made."""
    collections = (
        ("/apis/admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding"),
        ("/apis/admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy"),
        ("/apis/admissionregistration.k8s.io/v1", "MutatingAdmissionPolicyBinding"),
        ("/apis/admissionregistration.k8s.io/v1", "MutatingAdmissionPolicy"),
        ("/apis/rbac.authorization.k8s.io/v1", "ClusterRoleBinding"),
        ("/apis/rbac.authorization.k8s.io/v1", "ClusterRole"),
    )
    return tuple(each for path, kind in collections for each in _of_kind(client, path, kind))


def _of_kind(client: Client, group: str, kind: str) -> Sequence[Manifest]:
    plural = f"{kind[:-1]}ies" if kind.endswith("Policy") else f"{kind}s"
    selector = {"labelSelector": f"{names.MANAGED_BY}={names.MANAGER}"}
    api_version = group.removeprefix("/apis/")
    try:
        found = list(client.list(f"{group}/{plural.lower()}", selector))
    except problems.NotFound:  # a kind that this Kubernetes does not have yet
        return ()
    return [
        {"apiVersion": api_version, "kind": kind, "metadata": {"name": each["metadata"]["name"]}}
        for each in found
        if each["metadata"]["name"].startswith(names.PREFIX)
    ]


def _compare(client: Client, wanted: Manifest) -> Change:
    path = client.path_of(wanted)
    try:
        found = client.get(path)
    except problems.NotFound:
        return Change(wanted=wanted, state=State.NEW)
    labels = found["metadata"].get("labels") or {}
    if labels.get(names.MANAGED_BY) != names.MANAGER:
        hint = "rename or delete it; Labpass touches nothing that it did not make"
        raise problems.Conflict(f"{manifest.title(wanted)} exists and is not of Labpass", hint)
    would_be = send(client, wanted, found, dry_run=True)
    is_same = _bare(would_be) == _bare(found)
    return Change(wanted=wanted, state=State.SAME if is_same else State.CHANGED, found=found)


def send(
    client: Client, wanted: Manifest, found: Mapping[str, Any] | None, *, dry_run: bool = False
) -> Mapping[str, Any]:
    """Bring one object into the state wanted; the answer is what the cluster then has."""
    if manifest.kind(wanted) in SERVER_SIDE:
        return client.apply(wanted, dry_run=dry_run)
    if found is None:
        return client.create(wanted, dry_run=dry_run)
    metadata = wanted["metadata"]
    assert isinstance(metadata, Mapping)
    version = found["metadata"]["resourceVersion"]
    body = {**wanted, "metadata": {**metadata, "resourceVersion": version}}
    return client.replace(body, dry_run=dry_run)


def _bare(found: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = {k: v for k, v in found["metadata"].items() if k not in _NOISE}
    return {**{k: v for k, v in found.items() if k != "status"}, "metadata": metadata}


def _key(each: Manifest) -> tuple[str, str]:
    return manifest.kind(each), manifest.name(each)
