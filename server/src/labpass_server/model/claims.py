"""The claims of ID tokens. `signing` turns them into tokens; nothing else is ever signed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from labpass_server.model import errors, handle, person
from labpass_server.model.authorization import Scope

Claims = Mapping[str, str | int | list[str] | bool]

_RESERVED: Final = ("system:", "kubeadm:", "kube:", "kubernetes-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every ID token says about itself."""

    issuer: str
    audience: str
    id: str
    issued_at: datetime
    lifetime: timedelta
    authenticated_at: datetime
    nonce: str | None = None


def for_cluster(frame: Frame, person: person.Person, groups: Collection[str] = ()) -> Claims:
    """Return the claims of one ID token for one cluster.

    Groups are sorted and unique; ``aud`` is the cluster's audience alone. ``iat`` and ``exp`` are
    whole seconds. Raises `Invalid` for a name or group that Kubernetes or Labpass reserves.
    OpenID Connect Core 1.0 §2; RFC 8693 §2.2.1.
    """
    if handle.is_reserved(person.handle):
        raise errors.Invalid("handle", f"{person.handle} is reserved")
    _refuse_reserved([person.handle, *groups])
    if handle.CANARY in groups:
        raise errors.Invalid("groups", "canary is reserved")
    return _framed(frame, person.id) | {
        "preferred_username": person.handle,
        "groups": sorted(set(groups)),
    }


def for_client(frame: Frame, person: person.Person, scope: Collection[Scope]) -> Claims:
    """Return the claims of one ID token for a client that is no cluster."""
    return _framed(frame, person.id) | about(person, scope)


def about(person: person.Person, scope: Collection[Scope]) -> dict[str, str | int | list[str]]:
    """Return what the scope lets a client know of the person, beyond ``sub``."""
    known: dict[str, str | int | list[str]] = {}
    if Scope.PROFILE in scope:
        known |= {"preferred_username": person.handle, "name": person.display_name}
    if Scope.EMAIL in scope and person.email:
        known |= {"email": person.email}
    if Scope.GROUPS in scope:
        known |= {"groups": []}
    return known


def for_canary(frame: Frame) -> Claims:
    """Return the claims of a token that proves a cluster's trust and has no rights there."""
    return _framed(frame, handle.CANARY) | {
        "preferred_username": handle.CANARY,
        "groups": [str(handle.CANARY)],
    }


def _framed(frame: Frame, subject: str) -> dict[str, str | int | list[str]]:
    issued = int(frame.issued_at.timestamp())
    nonce = {} if frame.nonce is None else {"nonce": frame.nonce}
    return {
        "iss": frame.issuer,
        "sub": subject,
        "aud": frame.audience,
        "exp": issued + int(frame.lifetime.total_seconds()),
        "iat": issued,
        "jti": frame.id,
        "auth_time": int(frame.authenticated_at.timestamp()),
        **nonce,
    }


def _refuse_reserved(names: Collection[str]) -> None:
    for name in names:
        if name.startswith(_RESERVED):
            raise errors.Invalid("groups", f"{name} is reserved by Kubernetes")
