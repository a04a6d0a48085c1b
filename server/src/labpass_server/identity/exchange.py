"""The command line buys tokens by RFC 8693 from a person's session: for a cluster, for the API."""

from labpass.secret import Secret
from labpass_server.identity import bearer, clients, issuing
from labpass_server.identity.outcome import Granted, Outcome, Refused, TokenError
from labpass_server.model import client, session


def for_cluster(turn: issuing.Turn, subject: Secret, audience: str) -> Outcome:
    """Return an ID token for the cluster with this audience, for who has a live rule there."""
    found = _session_of(turn, subject)
    if isinstance(found, Refused):
        return found
    target = turn.authority.targets.find(turn.tx, audience) if clients.is_id(audience) else None
    if target is None:
        return Refused(error=TokenError.INVALID_TARGET, description="there is no such cluster")
    refused = turn.refusal(found.person, target)
    if refused is not None:
        return refused
    issuing.enter(turn, found.session, found.person, target)
    return Granted(
        expires_in=session.ID_LIFETIME,
        id_token=turn.authority.cluster_token(target, found.session, found.person, now=turn.now),
    )


def for_api(turn: issuing.Turn, subject: Secret) -> Outcome:
    """Return an access token for the REST API."""
    found = _session_of(turn, subject)
    if isinstance(found, Refused):
        return found
    token = issuing.access_token(
        turn, found.session, scope=found.scope, audience=turn.authority.api
    )
    return Granted(expires_in=session.ACCESS_LIFETIME, scope=found.scope, access_token=token)


def _session_of(turn: issuing.Turn, subject: Secret) -> session.AccessToken | Refused:
    """Return the session behind an access token that this very client holds for itself."""
    if turn.client.id != client.LABPASS:
        return Refused(
            error=TokenError.UNAUTHORIZED_CLIENT,
            description="exchange is for the labpass command line alone",
        )
    found = bearer.find(turn.tx, subject, issuing.OWN, turn.now)
    if found is None or found.session.client_id != turn.client.id:
        return Refused(
            error=TokenError.INVALID_GRANT,
            description="the access token is unknown, too old or not yours",
        )
    return found
