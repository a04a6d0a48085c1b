"""Clients: the programs that sign people in by us."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, NewType

from labpass_server.model import cluster, redirect

ClientId = NewType("ClientId", str)

LABPASS: Final = ClientId("labpass")
"""The command line's own client, built in."""


class Kind(StrEnum):
    """Whether a client can keep a secret."""

    PUBLIC = "public"
    CONFIDENTIAL = "confidential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One client: built in, a cluster's audience (``target``), or registered."""

    id: ClientId
    name: str
    kind: Kind
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    requires_pkce: bool = True
    secret_hash: bytes | None = None
    target: cluster.Target | None = None

    def may_answer_at(self, uri: str) -> bool:
        """Tell whether this client may be answered at ``uri``."""
        any_loopback = self.target is not None
        return redirect.matches(uri, self.redirect_uris, any_loopback=any_loopback)

    def may_be_answered_silently(self, uri: str) -> bool:
        """Tell whether a browser's session alone may answer this client at ``uri``.

        Any local program can claim to be a public client with a loopback redirect, and anybody
        can start the command line's flow on another machine: there the person has to act.
        """
        return self.id != LABPASS and self.target is None and not redirect.is_local(uri)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A registered client, as administrators see it."""

    client: Client
    created_by: str
    created_at: datetime


def labpass(issuer: str) -> Client:
    """Return the command line's client: loopback at any port, or the page that shows a code."""
    return Client(
        id=LABPASS,
        name="the labpass command line",
        kind=Kind.PUBLIC,
        redirect_uris=(
            "http://127.0.0.1/callback",
            "http://[::1]/callback",
            f"{issuer}/code",
        ),
    )


def of_cluster(target: cluster.Target) -> Client:
    """Return the public client that a cluster's audience is: any loopback redirect."""
    return Client(
        id=ClientId(target.audience),
        name=f"the cluster {target.name}",
        kind=Kind.PUBLIC,
        redirect_uris=(),
        target=target,
    )
