"""People: who can sign in."""

from dataclasses import dataclass
from urllib.parse import quote

from labpass.api import fields
from labpass.api.client import Client
from labpass.api.fields import Document
from labpass.secret import Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A person. ``disabled`` people cannot sign in, and their sessions have ended."""

    handle: str
    display_name: str
    email: str | None
    disabled: bool
    password_is_temporary: bool
    created_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WithPassword:
    """A person and, when one was made for them, the password that is shown once."""

    person: Person
    password: Secret | None


def load_all(client: Client) -> tuple[Person, ...]:
    """Return everybody."""
    return tuple(fields.read(Person, item) for item in client.items("/people"))


def load(client: Client, handle: str) -> Person:
    """Return one person."""
    return fields.read(Person, client.get(_path(handle)))


def create(client: Client, body: Document) -> WithPassword:
    """Make a person; without a password in the body one is made and comes back."""
    return _with_password(client.post("/people", body))


def edit(client: Client, handle: str, body: Document) -> Person:
    """Change what the body names."""
    return fields.read(Person, client.patch(_path(handle), body))


def reset_password(client: Client, handle: str, body: Document) -> Secret | None:
    """Set another password; without one in the body one is made and comes back."""
    return _password(client.post(f"{_path(handle)}/password", body))


def _with_password(document: Document) -> WithPassword:
    return WithPassword(person=fields.read(Person, document), password=_password(document))


def _password(document: Document) -> Secret | None:
    said = document.get("temporary_password")
    return Secret(said) if isinstance(said, str) and said else None


def _path(handle: str) -> str:
    return f"/people/{quote(handle, safe='')}"
