"""One transaction: a connection, and one attribute for each group of tables."""

from typing import Final

import sqlalchemy as sa

from labpass_server.storage import (
    browsers,
    clients,
    clusters,
    codes,
    devices,
    entries,
    events,
    installation,
    keys,
    leases,
    leftovers,
    people,
    projects,
    remote_codes,
    revisions,
    rules,
    sessions,
    sign_ins,
    throttle,
    tokens,
)


class Transaction:
    """What a unit of work is given. Each attribute is a small class in a file of its own."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection: Final = connection

    @property
    def people(self) -> people.People:
        """Return the people of this installation."""
        return people.People(self.connection)

    @property
    def sessions(self) -> sessions.Sessions:
        """Return the sessions."""
        return sessions.Sessions(self.connection)

    @property
    def refresh_tokens(self) -> tokens.RefreshTokens:
        """Return the refresh tokens."""
        return tokens.RefreshTokens(self.connection)

    @property
    def access_tokens(self) -> tokens.AccessTokens:
        """Return the access tokens."""
        return tokens.AccessTokens(self.connection)

    @property
    def entries(self) -> entries.Entries:
        """Return which session has entered which cluster."""
        return entries.Entries(self.connection)

    @property
    def codes(self) -> codes.Codes:
        """Return the authorization codes."""
        return codes.Codes(self.connection)

    @property
    def remote_codes(self) -> remote_codes.RemoteCodes:
        """Return the short codes of machines without a browser."""
        return remote_codes.RemoteCodes(self.connection)

    @property
    def sign_ins(self) -> sign_ins.SignIns:
        """Return the sign-ins under way."""
        return sign_ins.SignIns(self.connection)

    @property
    def browsers(self) -> browsers.Browsers:
        """Return the browsers that are signed in."""
        return browsers.Browsers(self.connection)

    @property
    def devices(self) -> devices.Devices:
        """Return the browsers that were used before."""
        return devices.Devices(self.connection)

    @property
    def clients(self) -> clients.Clients:
        """Return the registered clients."""
        return clients.Clients(self.connection)

    @property
    def keys(self) -> keys.Keys:
        """Return the signing keys."""
        return keys.Keys(self.connection)

    @property
    def events(self) -> events.Events:
        """Return the events."""
        return events.Events(self.connection)

    @property
    def throttle(self) -> throttle.Throttle:
        """Return the counters of failed attempts."""
        return throttle.Throttle(self.connection)

    @property
    def leftovers(self) -> leftovers.Leftovers:
        """Return what is over."""
        return leftovers.Leftovers(self.connection)

    @property
    def installation(self) -> installation.Installation:
        """Return this installation."""
        return installation.Installation(self.connection)

    @property
    def clusters(self) -> clusters.Clusters:
        """Return the clusters with their connections."""
        return clusters.Clusters(self.connection)

    @property
    def projects(self) -> projects.Projects:
        """Return the projects with their namespaces."""
        return projects.Projects(self.connection)

    @property
    def rules(self) -> rules.Rules:
        """Return the access rules."""
        return rules.Rules(self.connection)

    @property
    def revisions(self) -> revisions.Revisions:
        """Return the count of changes."""
        return revisions.Revisions(self.connection)

    @property
    def leases(self) -> leases.Leases:
        """Return the leases."""
        return leases.Leases(self.connection)
