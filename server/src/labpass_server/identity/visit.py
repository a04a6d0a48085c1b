"""What a browser brings to a sign-in, and how far it has come."""

from dataclasses import dataclass

from labpass.secret import Secret
from labpass_server.identity import step


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A browser: what it holds of ours, and where it is."""

    address: str
    cookie: Secret | None = None
    device: Secret | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A name and a password as somebody typed them."""

    name: str
    password: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a sign-in is. ``transaction`` names it on its pages; ``cookie`` is a new session."""

    step: step.Step
    transaction: Secret
    cookie: Secret | None = None
    device: Secret | None = None
