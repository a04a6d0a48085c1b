"""Cookies: names, flags, reading and setting.

All carry ``__Host-``, so no sibling host can plant one.
"""

from datetime import timedelta
from enum import StrEnum

from starlette.requests import Request
from starlette.responses import Response

from labpass.secret import Secret


class Cookie(StrEnum):
    """Every cookie of the server."""

    SESSION = "__Host-labpass-session"  # the browser's session; made by identity, hashed at rest
    FORM = "__Host-labpass-form"  # binds forms to this browser, before sign-in too
    DEVICE = "__Host-labpass-device"  # a browser its owner has used before; spares them throttling
    THEME = "__Host-labpass-theme"  # light, dark or system


def find(request: Request, cookie: Cookie) -> Secret | None:
    """Return the cookie's value as the browser sent it, unverified."""
    value = request.cookies.get(cookie)
    return Secret(value) if value else None


def put(
    response: Response, cookie: Cookie, value: Secret, *, lifetime: timedelta | None = None
) -> None:
    """Set the cookie; without ``lifetime`` it ends with the browser."""
    response.set_cookie(
        cookie,
        value.reveal(),
        max_age=None if lifetime is None else int(lifetime.total_seconds()),
        path="/",
        secure=True,
        httponly=True,
        samesite="lax",
    )


def clear(response: Response, cookie: Cookie) -> None:
    """Make the browser forget the cookie."""
    response.delete_cookie(cookie, path="/", secure=True, httponly=True, samesite="lax")
