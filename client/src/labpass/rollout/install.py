"""Install, upgrade and remove Labpass in a cluster, with the administrator's own credential.

The credential never leaves this machine; what leaves is the token of our own account. In order:
our namespace, the policies, proof that they refuse; then the sets and the account; then, with the
account's token, proof that its fence holds; and only then is the token handed on.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias, assert_never

import httpx2

from labpass import problems
from labpass.cluster import fence, manifest, names
from labpass.cluster.manifest import Manifest
from labpass.kube.client import BoundToken, Client
from labpass.kube.entry import BearerToken
from labpass.rollout import probe
from labpass.rollout.survey import Change, State, Survey, refuse_another, send
from labpass.rollout.survey import ours as ours_in
from labpass.secret import Secret

Progress: TypeAlias = Callable[[str], None]
"""Told each step in words, when it is done."""

PATIENCE: Final = timedelta(seconds=30)
_SYSTEM_PATH: Final = f"/api/v1/namespaces/{names.SYSTEM_NAMESPACE}"
_OF_THE_ACCOUNT: Final = frozenset(
    {"ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding", "ServiceAccount"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What the server is told: how to reach the cluster as our account, and what stands there."""

    server: str
    ca_pem: str | None
    token: Secret = field(repr=False)
    token_expires_at: datetime
    kubernetes_version: str
    installed_definition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What went and what stays, in words that can be shown."""

    went: tuple[str, ...]
    stays: tuple[str, ...]


def install(
    client: Client,
    seen: Survey,
    *,
    progress: Progress,
    patience: timedelta = PATIENCE,
    fresh_account: bool = False,
) -> Connected:
    """Install or upgrade, and return the account's token, which lives 30 days.

    ``seen`` is the survey that was shown; an object that changed since is a `problems.Conflict`.
    ``fresh_account`` makes the account anew, so every older token of it ends. Cut short anywhere,
    what stands is a policy without an account, never an account without its policies.
    """
    policies = [each for each in seen.changes if manifest.kind(each.wanted) not in _OF_THE_ACCOUNT]
    account = [each for each in seen.changes if manifest.kind(each.wanted) in _OF_THE_ACCOUNT]
    for change in policies:
        _bring(client, change, progress)
    for name in probe.wait(
        client, probe.of_administrator(seen.wanted.installation), patience=patience
    ):
        progress(f"{name} refuses what it must")
    if fresh_account:
        account = _forget_account(client, account, progress)
    for change in account:
        _bring(client, change, progress)
    _clear(client, seen.stale, progress)
    token = _own_token(client, patience, progress)
    return Connected(
        server=client.endpoint.server,
        ca_pem=client.endpoint.ca_pem,
        token=token.token,
        token_expires_at=token.expires_at,
        kubernetes_version=seen.kubernetes_version,
        installed_definition=seen.digest,
    )


def remove(
    client: Client, installation: str, *, progress: Progress, patience: timedelta = PATIENCE
) -> Removed:
    """Take everything out that Labpass installed: first our account, then people's access.

    People's work, their namespaces, quotas and data stay. The policies go last: as long as anybody
    has access, they hold. Raises `problems.Conflict` for a cluster of another installation.
    """
    refuse_another(client, installation)
    namespaces = [each["metadata"]["name"] for each in _projects(client, installation)]
    in_order = sorted(ours_in(client), key=_removal_order)
    account = [each for each in in_order if manifest.kind(each) == "ClusterRoleBinding"]
    went = [*_clear(client, account, progress), *_unbind(client, namespaces, progress)]
    went += _clear(client, [each for each in in_order if each not in account], progress)
    if client.delete(_SYSTEM_PATH):
        _wait_until_gone(client, patience)
        went.append(f"Namespace {names.SYSTEM_NAMESPACE}")
        progress(f"deleted Namespace {names.SYSTEM_NAMESPACE}")
    return Removed(went=tuple(went), stays=_stays(namespaces))


def _bring(client: Client, change: Change, progress: Progress) -> None:
    match change.state:
        case State.SAME:
            progress(f"{change.title} is as it should be")
        case State.NEW | State.CHANGED:
            send(client, change.wanted, change.found)
            progress(f"{'made' if change.state is State.NEW else 'changed'} {change.title}")
        case other:
            assert_never(other)


def _forget_account(client: Client, account: Sequence[Change], progress: Progress) -> list[Change]:
    """Delete the account and say that it is to be made; its older tokens end with it."""
    gone = next(each for each in account if manifest.kind(each.wanted) == "ServiceAccount")
    if client.delete(client.path_of(gone.wanted)):
        progress(f"deleted {gone.title}: its older tokens ended")
    made = Change(wanted=gone.wanted, state=State.NEW)
    return [made if each is gone else each for each in account]


def _own_token(client: Client, patience: timedelta, progress: Progress) -> BoundToken:
    token = client.token(names.SYSTEM_NAMESPACE, names.ACCOUNT, seconds=fence.LONGEST_TOKEN)
    with Client(client.endpoint, BearerToken(token=token.token)) as account:
        for name in probe.wait(account, probe.of_account(), patience=patience):
            progress(f"{name} refuses our own account what it must")
    return token


def _clear(client: Client, objects: Sequence[Manifest], progress: Progress) -> list[str]:
    """Delete objects of ours; a binding before its policy, so that none hangs in the air."""
    gone = [manifest.title(each) for each in objects if client.delete(client.path_of(each))]
    for title in gone:
        progress(f"deleted {title}")
    return gone


def _wait_until_gone(client: Client, patience: timedelta) -> None:
    until = time.monotonic() + patience.total_seconds()
    while client.raw("GET", _SYSTEM_PATH).status_code != httpx2.codes.NOT_FOUND:
        if time.monotonic() > until:
            message = f"the namespace {names.SYSTEM_NAMESPACE} is still being deleted"
            raise problems.TimedOut(
                message, "nothing else of Labpass is left; it will go by itself"
            )
        time.sleep(probe.PAUSE)


def _unbind(client: Client, namespaces: Sequence[str], progress: Progress) -> list[str]:
    selector = {"labelSelector": f"{names.MANAGED_BY}={names.MANAGER}"}
    gone: list[str] = []
    for namespace in namespaces:
        path = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings"
        for binding in list(client.list(path, selector)):
            name = binding["metadata"]["name"]
            if client.delete(f"{path}/{name}"):
                gone.append(f"RoleBinding {namespace}/{name}")
                progress(f"deleted RoleBinding {namespace}/{name}")
    return gone


def _projects(client: Client, installation: str) -> list[Mapping[str, Any]]:
    selector = {"labelSelector": f"{names.INSTALLATION}={installation},{names.PROJECT}"}
    return list(client.list("/api/v1/namespaces", selector))


def _removal_order(each: Manifest) -> int:
    order = (
        "ClusterRoleBinding",
        "ClusterRole",
        "MutatingAdmissionPolicyBinding",
        "MutatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingAdmissionPolicy",
    )
    return order.index(manifest.kind(each))


def _stays(namespaces: Sequence[str]) -> tuple[str, ...]:
    if not namespaces:
        return ()
    return tuple(
        f"namespace {name} with all that runs and lies in it, unguarded: of what Labpass demanded"
        " of pods, secrets and submitters there, its Pod Security label alone still holds"
        for name in namespaces
    )
