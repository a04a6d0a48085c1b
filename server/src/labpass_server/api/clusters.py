"""Clusters: ``/clusters``."""

from datetime import datetime, timedelta
from typing import Annotated, Final

from pydantic import Field

from labpass.secret import Secret
from labpass_server.access import clusters as use
from labpass_server.access.ports import Canary
from labpass_server.api.fields import Answer, Body, Document, Hidden, InPath, Line, Moment, Word
from labpass_server.api.guard import Asked
from labpass_server.api.route import Route
from labpass_server.model import cluster
from labpass_server.model.role import Permission


class New(Body):
    """A cluster that shall be known."""

    name: Word
    server: Line | None = None
    ca: Document | None = None
    username_prefix: Annotated[Line, Field(max_length=64)] = cluster.PREFIX
    algorithm: cluster.Algorithm = cluster.Algorithm.RS256


class NewConnection(Body):
    """What ``labpass cluster connect`` brings back. The version is asked for by ourselves."""

    server: Line
    ca: Document | None = None
    token: Hidden
    token_expires_at: Moment
    kubernetes_version: Word = ""
    installed_definition: Annotated[Line, Field(max_length=128)]


class Lifetime(Body):
    """How long the canary tokens of a bundle live."""

    lifetime_minutes: Annotated[int, Field(strict=True, ge=1, le=1440)] = 120


class Cluster(Answer):
    """A cluster, and how it stands."""

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
    account_expires_at: datetime | None
    last_pass_at: datetime | None
    last_error: str | None
    created_at: datetime


class Clusters(Answer):
    """Clusters."""

    items: list[Cluster]


class Trust(Answer):
    """What an API server must be told."""

    issuer: str
    certificate_authority: str | None
    audiences: list[str]
    username_claim: str
    username_prefix: str
    groups_claim: str
    groups_prefix: str
    algorithms: list[str]


class CanaryTokens(Answer):
    """Two tokens that prove it: one for this cluster, one for a wrong audience."""

    token: str
    wrong_audience_token: str
    username: str
    groups: list[str]
    expires_at: datetime


class Bundle(Answer):
    """All that a node needs to make its API server trust us."""

    cluster: str
    trust: Trust
    canary: CanaryTokens


class Door:
    """The handlers. ``certificate_authority`` is our own one in PEM, if it is a private one."""

    def __init__(
        self, clusters: use.Clusters, *, issuer: str, certificate_authority: str | None
    ) -> None:
        self._clusters = clusters
        self._issuer = issuer
        self._certificate_authority = certificate_authority
        one = "/clusters/{name}"
        self.routes: Final = (
            Route("GET", "/clusters", self.all, Permission.CLUSTER_READ),
            Route("POST", "/clusters", self.add, Permission.CLUSTER_WRITE, 201),
            Route("GET", one, self.get, Permission.CLUSTER_READ),
            Route("DELETE", one, self.remove, Permission.CLUSTER_WRITE, 204),
            Route("POST", f"{one}/bundle", self.bundle, Permission.CLUSTER_WRITE),
            Route("PUT", f"{one}/connection", self.connect, Permission.CLUSTER_WRITE),
            Route("DELETE", f"{one}/connection", self.disconnect, Permission.CLUSTER_WRITE, 204),
        )

    async def all(self, asking: Asked) -> Clusters:
        """Every cluster."""
        found = await self._clusters.all(asking.caller, now=asking.now)
        return Clusters(items=[self._shown(each) for each in found])

    async def get(self, asking: Asked, name: InPath) -> Cluster:
        """One cluster."""
        return self._shown(await self._clusters.get(asking.caller, name, now=asking.now))

    async def add(self, asking: Asked, body: New) -> Cluster:
        """Make a cluster's record and its audience."""
        new = use.NewCluster(
            name=body.name,
            server=body.server,
            certificate_authority=body.ca,
            username_prefix=body.username_prefix,
            algorithm=body.algorithm,
        )
        return self._shown(await self._clusters.add(asking.caller, new, now=asking.now))

    async def remove(self, asking: Asked, name: InPath) -> None:
        """Forget a cluster; what is on it stays."""
        await self._clusters.remove(asking.caller, name, now=asking.now)

    async def bundle(self, asking: Asked, name: InPath, body: Lifetime | None = None) -> Bundle:
        """Return what a node needs to make its API server trust us."""
        lifetime = timedelta(minutes=(body or Lifetime()).lifetime_minutes)
        found, canary = await self._clusters.bundle(
            asking.caller, name, lifetime=lifetime, now=asking.now
        )
        return Bundle(
            cluster=found.name,
            trust=Trust(
                issuer=self._issuer,
                certificate_authority=self._certificate_authority,
                audiences=[found.audience],
                username_claim="preferred_username",
                username_prefix=found.username_prefix,
                groups_claim="groups",
                groups_prefix=found.groups_prefix,
                algorithms=[found.algorithm],
            ),
            canary=_canary(found, canary),
        )

    async def connect(self, asking: Asked, name: InPath, body: NewConnection) -> Cluster:
        """Keep how the reconciler reaches the cluster, after its account has proven itself."""
        new = use.NewConnection(
            server=body.server,
            certificate_authority=body.ca,
            token=Secret(body.token),
            token_expires_at=body.token_expires_at,
            installed_definition=body.installed_definition,
        )
        return self._shown(await self._clusters.connect(asking.caller, name, new, now=asking.now))

    async def disconnect(self, asking: Asked, name: InPath) -> None:
        """Forget how to reach the cluster."""
        await self._clusters.disconnect(asking.caller, name, now=asking.now)

    def _shown(self, shown: use.Shown) -> Cluster:
        record, link, last = shown.record, shown.connection, shown.last_pass
        problems = last.problems if last else ()
        return Cluster(
            name=record.name,
            audience=record.audience,
            issuer=self._issuer,
            installation=record.installation,
            server=record.server,
            ca=record.certificate_authority,
            username_prefix=record.username_prefix,
            groups_prefix=record.groups_prefix,
            algorithm=record.algorithm,
            state=shown.state,
            kubernetes_version=link.kubernetes_version if link else None,
            installed_definition=link.installed_definition if link else None,
            account_expires_at=link.token_expires_at if link else None,
            last_pass_at=last.at if last else None,
            last_error="; ".join(each.reason for each in problems) or None,
            created_at=record.created_at,
        )


def _canary(found: cluster.Cluster, canary: Canary) -> CanaryTokens:
    return CanaryTokens(
        token=canary.token.reveal(),
        wrong_audience_token=canary.wrong_audience_token.reveal(),
        username=f"{found.username_prefix}{canary.handle}",
        groups=[f"{found.groups_prefix}{each}" for each in canary.groups],
        expires_at=canary.expires_at,
    )
