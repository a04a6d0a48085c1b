"""What every way to a token shares: who may have one, and what it says."""

from dataclasses import dataclass
from datetime import datetime

from labpass.secret import Secret
from labpass_server.identity import digest, ports
from labpass_server.identity.outcome import Refused, TokenError, Unsigned
from labpass_server.kit import random
from labpass_server.model import claims, client, cluster, event, person, session
from labpass_server.model.authorization import Scope

OWN: str = ""
"""The audience of access tokens for userinfo and exchange."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Who issues, and who says which cluster a person reaches."""

    issuer: str
    targets: ports.Targets

    @property
    def api(self) -> str:
        """The audience of access tokens for the REST API."""
        return f"{self.issuer}/api/v1"

    def id_token(
        self,
        client: client.Client,
        of: session.Session,
        person: person.Person,
        *,
        now: datetime,
        nonce: str | None = None,
    ) -> Unsigned:
        """Return the ID token of a session for its own client."""
        if client.target is not None:
            return self.cluster_token(client.target, of, person, now=now, nonce=nonce)
        frame = self._frame(client.id, of, now=now, nonce=nonce)
        said = claims.for_client(frame, person, of.scope)
        return Unsigned(claims=said, algorithm=cluster.Algorithm.RS256)

    def cluster_token(
        self,
        target: cluster.Target,
        of: session.Session,
        person: person.Person,
        *,
        now: datetime,
        nonce: str | None = None,
    ) -> Unsigned:
        """Return an ID token for a cluster; whoever calls has asked `refusal`."""
        frame = self._frame(target.audience, of, now=now, nonce=nonce)
        return Unsigned(claims=claims.for_cluster(frame, person), algorithm=target.algorithm)

    def refusal(
        self,
        tx: ports.Transaction,
        person: person.Person,
        target: cluster.Target | None,
        now: datetime,
    ) -> Refused | None:
        """Return why this person gets no token for this cluster, if so."""
        if target is None or self.targets.reaches(tx, person.id, target, now):
            return None
        who = self.targets.grantors(tx, target, now)
        return Refused(error=TokenError.INVALID_TARGET, description=no_access(target, who))

    def _frame(
        self, audience: str, of: session.Session, *, now: datetime, nonce: str | None
    ) -> claims.Frame:
        return claims.Frame(
            issuer=self.issuer,
            audience=audience,
            id=random.identifier(26),
            issued_at=now,
            lifetime=session.ID_LIFETIME,
            authenticated_at=of.authenticated_at,
            nonce=nonce,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One request at the token endpoint: an authenticated client, inside one transaction."""

    tx: ports.Transaction
    authority: Authority
    client: client.Client
    now: datetime

    def refusal(self, person: person.Person, target: cluster.Target | None) -> Refused | None:
        """Return why this person gets no token for this cluster, if so."""
        return self.authority.refusal(self.tx, person, target, self.now)


def no_access(target: cluster.Target, grantors: str) -> str:
    """Say that nobody gave the person access to this cluster, and who could."""
    return f"you have no access to the cluster {target.name}; {grantors}"


def enter(
    turn: Turn, of: session.Session, person: person.Person, target: cluster.Target | None
) -> None:
    """Write down the first token of a session for a cluster; its refreshes are not worth a line."""
    if target is not None and turn.tx.entries.add(of.id, target.cluster_id):
        turn.tx.events.add(
            event.Event(
                at=turn.now,
                kind=event.Kind.CLUSTER_ENTERED,
                actor=person.handle,
                subject=target.name,
                detail={"client": of.client_id},
            )
        )


def access_token(
    turn: Turn, of: session.Session, *, scope: tuple[Scope, ...], audience: str = OWN
) -> Secret:
    """Issue an opaque access token."""
    token = Secret(random.token())
    new = session.NewAccessToken(
        session_id=of.id,
        audience=audience,
        scope=scope,
        expires_at=turn.now + session.ACCESS_LIFETIME,
    )
    turn.tx.access_tokens.add(digest.of(token), new)
    return token
