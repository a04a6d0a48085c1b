"""What a page shows, as frozen values; each names its template.

The doors fill these in; `page.render` turns one into a response. Times are aware. Every text is
escaped by the template, so a value may come from anywhere, but none may hold a secret that the
person does not already have on the screen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Name and password. Posts ``username``, ``password``, ``transaction``, ``csrf``."""

    template: ClassVar[str] = "sign_in.html"
    action: str
    transaction: str
    handle: str = ""
    error: str | None = None
    purpose: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePassword:
    """Replaces a temporary password. Posts ``new_password``, ``transaction``, ``csrf``."""

    template: ClassVar[str] = "change_password.html"
    action: str
    transaction: str
    handle: str
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """Whether a program may be answered. Posts ``answer`` (yes or no), ``transaction``, ``csrf``.

    ``answer_to`` is host and port of the loopback redirect; for a program on another machine it is
    ``None`` and ``machine`` is what that machine says its name is. ``cluster`` is ``None`` when the
    sign-in is to Labpass itself. ``person`` reads "Alice Moreau (alice)"; ``gets`` says what the
    program will hold and for how long.
    """

    template: ClassVar[str] = "confirm.html"
    action: str
    transaction: str
    cluster: str | None
    answer_to: str | None
    program: str
    person: str
    asked_at: datetime
    gets: str
    machine: str | None = None
    asked_from: str | None = None
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """The code a program without a browser waits for. Cancel posts ``transaction``, ``csrf``.

    ``machine`` is that machine's own claim; ``asked_from`` the address the request came from;
    ``is_elsewhere`` says that this browser's network differs from it.
    """

    template: ClassVar[str] = "code.html"
    code: str
    expires_at: datetime
    machine: str | None
    asked_from: str | None
    person: str
    cancel_action: str | None = None
    transaction: str = ""
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """A code that was shown is worth nothing now."""

    template: ClassVar[str] = "cancelled.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOut:
    """The browser's session is over."""

    template: ClassVar[str] = "signed_out.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmSignOut:
    """Whether to end the session. Posts ``answer`` (yes or no), ``fields`` and ``csrf``.

    ``hint`` names the person who is signed in, if that is known.
    """

    template: ClassVar[str] = "confirm_sign_out.html"
    action: str
    hint: str | None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp:
    """The first administrator. Posts ``handle``, ``display_name``, ``password``, ``csrf``."""

    template: ClassVar[str] = "set_up.html"
    action: str
    error: str | None = None
    field: str | None = None
    handle: str = ""
    display_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpDone:
    """The first administrator exists; what to type next."""

    template: ClassVar[str] = "set_up_done.html"
    handle: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FormPost:
    """An answer for a client that asked for ``form_post``; needs its origin in the policy."""

    template: ClassVar[str] = "form_post.html"
    redirect_uri: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Error:
    """What went wrong, what to do next, and the id under which the log has the cause."""

    template: ClassVar[str] = "error.html"
    status: int
    title: str
    message: str
    next: str
    id: str


Page = (
    SignIn
    | ChangePassword
    | Confirm
    | Code
    | Cancelled
    | SignedOut
    | ConfirmSignOut
    | SetUp
    | SetUpDone
    | FormPost
    | Error
)
