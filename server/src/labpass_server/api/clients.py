"""Other programs that sign people in by us: ``/clients``."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from labpass.secret import Secret
from labpass_server.access.caller import Gate
from labpass_server.api.fields import Answer, Body, InPath, Line
from labpass_server.api.guard import Asked, Asking
from labpass_server.api.route import Route
from labpass_server.identity import clients as use
from labpass_server.model import client
from labpass_server.model.role import Permission


class Pkce(StrEnum):
    """Whether a client has to send a code challenge."""

    REQUIRED = "required"
    OPTIONAL = "optional"


class New(Body):
    """A new client."""

    name: Line
    type: client.Kind
    redirect_uris: Annotated[list[Line], Field(max_length=20)]
    post_logout_redirect_uris: Annotated[Sequence[Line], Field(max_length=20)] = ()
    pkce: Pkce = Pkce.REQUIRED


class Client(Answer):
    """A client; ``client_secret`` only when it was just made."""

    client_id: str
    name: str
    type: str
    redirect_uris: list[str]
    post_logout_redirect_uris: list[str]
    pkce: str
    created_by: str
    created_at: datetime
    client_secret: str | None = None


class Clients(Answer):
    """Clients."""

    items: list[Client]


class Door:
    """The handlers."""

    def __init__(self, clients: use.Clients, gate: Gate) -> None:
        self._clients = clients
        self._gate = gate
        one = "/clients/{client_id}"
        self.routes: Final = (
            Route("GET", "/clients", self.all, Permission.CLIENT_READ),
            Route("POST", "/clients", self.add, Permission.CLIENT_WRITE, 201),
            Route("GET", one, self.get, Permission.CLIENT_READ),
            Route("DELETE", one, self.remove, Permission.CLIENT_WRITE, 204),
        )

    async def all(self, asking: Asked) -> Clients:
        """Every registered client."""
        await self._require(asking, Permission.CLIENT_READ)
        return Clients(items=[_client(each) for each in await self._clients.all()])

    async def get(self, asking: Asked, client_id: InPath) -> Client:
        """One client."""
        await self._require(asking, Permission.CLIENT_READ)
        return _client(await self._clients.get(client_id))

    async def add(self, asking: Asked, body: New) -> Client:
        """Register a client; the secret of a confidential one is shown once."""
        await self._require(asking, Permission.CLIENT_WRITE)
        new = use.NewClient(
            name=body.name,
            kind=body.type,
            redirect_uris=body.redirect_uris,
            post_logout_redirect_uris=body.post_logout_redirect_uris,
            requires_pkce=body.pkce is Pkce.REQUIRED,
        )
        made, secret = await self._clients.add(new, actor=asking.person.handle, now=asking.now)
        return _client(made, secret)

    async def remove(self, asking: Asked, client_id: InPath) -> None:
        """Remove a client."""
        await self._require(asking, Permission.CLIENT_WRITE)
        await self._clients.remove(client_id, actor=asking.person.handle, now=asking.now)

    async def _require(self, asking: Asking, permission: Permission) -> None:
        await self._gate.require(asking.caller, permission, now=asking.now)


def _client(found: client.Registration, secret: Secret | None = None) -> Client:
    return Client(
        client_id=found.client.id,
        name=found.client.name,
        type=found.client.kind,
        redirect_uris=list(found.client.redirect_uris),
        post_logout_redirect_uris=list(found.client.post_logout_redirect_uris),
        pkce=Pkce.REQUIRED if found.client.requires_pkce else Pkce.OPTIONAL,
        created_by=found.created_by,
        created_at=found.created_at,
        client_secret=None if secret is None else secret.reveal(),
    )
