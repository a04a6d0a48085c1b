"""How the endpoints answer: JSON, OAuth errors, and answers that travel by a redirect."""

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib import parse

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from labpass_server.model import errors
from labpass_server.model.authorization import Authorization, ResponseMode
from labpass_server.web import page, pages

_NOT_ALLOWED: Final = re.compile(r"[^ !#-\[\]-~]")


def json(content: Mapping[str, Any] | list[Any], *, status: int = 200) -> Response:
    """Answer with JSON."""
    return JSONResponse(content, status_code=status)


def error(
    code: str, description: str, *, status: int = 400, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with an OAuth error (RFC 6749 §5.2)."""
    body = {"error": code, "error_description": plain(description)}
    return JSONResponse(body, status_code=status, headers=headers)


def of_refusal(refusal: errors.Refusal) -> Response:
    """Answer a refusal of a use case, for programs. ``invalid_grant`` is never one of these."""
    match refusal:
        case errors.Invalid(field=field, reason=reason):
            return error("invalid_request", f"{field}: {reason}")
        case errors.NotAllowed(reason=reason):
            return error("access_denied", reason, status=403)
        case errors.TooMany(retry_after=retry_after):
            seconds = max(1, round(retry_after.total_seconds() + 0.5))
            return error(
                "temporarily_unavailable",
                f"too many attempts; try again in {seconds} s",
                status=429,
                headers={"Retry-After": str(seconds)},
            )
        case errors.Unavailable():
            return error(
                "temporarily_unavailable",
                "the authority cannot answer now; try again",
                status=503,
                headers={"Retry-After": "2"},
            )
        case _:
            return error("invalid_request", str(refusal))


def redirect(
    request: Request, asked: Authorization, fields: Mapping[str, str], *, issuer: str
) -> Response:
    """Send the answer to the client, by query or by a form; always with ``iss`` (RFC 9207).

    The redirect URI has been checked against the client. 303, never 307: the form that was posted
    to us holds a password.
    """
    answer = dict(fields) | {"iss": issuer}
    if asked.state is not None:
        answer["state"] = asked.state
    if asked.response_mode is ResponseMode.FORM_POST:
        shown = pages.FormPost(redirect_uri=asked.redirect_uri, fields=answer)
        return page.render(request, shown, form_action=(asked.redirect_uri,))
    return RedirectResponse(with_query(asked.redirect_uri, answer), status_code=303)


def with_query(uri: str, fields: Mapping[str, str]) -> str:
    """Return the address with more in its query; what is there stays as it is."""
    if not fields:
        return uri
    separator = "&" if parse.urlsplit(uri).query else "?"
    if uri.endswith("?"):
        separator = ""
    return f"{uri}{separator}{parse.urlencode(fields)}"


def plain(text: str) -> str:
    """Return the text with only what RFC 6749 §5.2 allows in a description."""
    return _NOT_ALLOWED.sub("?", text.replace('"', "'").replace("\\", "/"))
