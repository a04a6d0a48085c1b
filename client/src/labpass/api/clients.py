"""Other programs that sign people in by this server."""

from dataclasses import dataclass
from urllib.parse import quote

from labpass.api import fields
from labpass.api.client import Client
from labpass.api.fields import Document
from labpass.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A client of the authority, with the exact addresses it may be answered at."""

    client_id: str
    name: str
    type: str
    redirect_uris: tuple[str, ...]
    pkce: str
    post_logout_redirect_uris: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WithSecret:
    """A program and, for a confidential one, its secret, which is shown once."""

    program: Program
    secret: Secret | None


def load_all(client: Client) -> tuple[Program, ...]:
    """Return every registered program."""
    return tuple(fields.read(Program, item) for item in client.items("/clients"))


def create(client: Client, body: Document) -> WithSecret:
    """Register a program."""
    answer = client.post("/clients", body)
    said = answer.get("client_secret")
    secret = Secret(said) if isinstance(said, str) and said else None
    return WithSecret(program=fields.read(Program, answer), secret=secret)


def delete(client: Client, client_id: str) -> None:
    """Remove a program; people cannot sign in through it from then on."""
    client.delete(f"/clients/{quote(client_id, safe='')}")
