"""Errors as people and programs see them: plain words, what to do, and an id the log knows too.

A browser gets a page; anything else gets ``application/problem+json`` (RFC 9457). Neither shows a
cause, an address or a word of the request.
"""

from dataclasses import dataclass
from typing import Any, Final

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ExceptionHandler

from labpass_server.kit import random
from labpass_server.model import errors
from labpass_server.web import page, pages

_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One way to fail, in words."""

    status: int
    title: str
    message: str
    next: str
    retry_after: int | None = None
    field: str | None = None


def answer(request: Request, problem: Problem, *, cause: BaseException | None = None) -> Response:
    """Answer with an error page, or with a problem document for who does not ask for HTML."""
    error_id = random.identifier(12)
    _record(request, problem, error_id, cause)
    response = (
        _page(request, problem, error_id) if wants_html(request) else _json(problem, error_id)
    )
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    return response


def wants_html(request: Request) -> bool:
    """Say whether this is a browser that shows what it gets."""
    return "text/html" in request.headers.get("accept", "")


def of_refusal(refusal: errors.Refusal) -> Problem:
    """Say in words what a use case refused."""
    match refusal:
        case errors.NotAllowed(reason=reason):
            return Problem(
                status=403,
                title="Not allowed",
                message=_sentence(reason),
                next="Go back and start again, or ask an administrator of your Labpass.",
            )
        case errors.NotFound(what=what):
            return Problem(
                status=404, title="Not found", message=f"There is no {what} here.", next=_CHECK
            )
        case errors.Conflict(what=what):
            return Problem(
                status=409,
                title="Not possible now",
                message=_sentence(what),
                next="Look at what is there now, then try again.",
            )
        case errors.Invalid(field=field, reason=reason):
            return Problem(
                status=400,
                title="Something in the request is wrong",
                message=_sentence(f"{field}: {reason}"),
                next="Correct it and try again.",
                field=field,
            )
        case errors.TooMany(retry_after=retry_after):
            seconds = max(1, round(retry_after.total_seconds()))
            return Problem(
                status=429,
                title="Too many tries",
                message=f"Try again in {seconds} s.",
                next="Waiting is enough; nothing is locked.",
                retry_after=seconds,
            )
        case _:
            return UNAVAILABLE


_CHECK: Final = "Check the address, or start again from the program that sent you here."
UNAVAILABLE: Final = Problem(
    status=503,
    title="Labpass cannot answer now",
    message="Something Labpass needs does not answer.",
    next="Try again in a minute. If it stays, give the id below to an administrator.",
    retry_after=5,
)
BROKEN: Final = Problem(
    status=500,
    title="Labpass made a mistake",
    message="The request was not completed.",
    next="Try again. If it fails again, give the id below to an administrator.",
)


async def on_refusal(request: Request, error: Exception) -> Response:
    """Exception handler for `errors.Refusal`."""
    assert isinstance(error, errors.Refusal)
    return answer(request, of_refusal(error), cause=error)


async def on_http(request: Request, error: Exception) -> Response:
    """Exception handler for what the router says: unknown address, wrong method."""
    assert isinstance(error, HTTPException)
    title = "Not found" if error.status_code == 404 else error.detail  # noqa: PLR2004 -- HTTP's own
    message = "There is no page at this address." if title == "Not found" else "That did not work."
    response = answer(
        request, Problem(status=error.status_code, title=title, message=message, next=_CHECK)
    )
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


HANDLERS: Final[dict[Any, ExceptionHandler]] = {
    errors.Refusal: on_refusal,
    HTTPException: on_http,
}


def _record(request: Request, problem: Problem, error_id: str, cause: BaseException | None) -> None:
    if problem.status >= 500:  # noqa: PLR2004 -- HTTP's own border
        _log.error("failed", id=error_id, method=request.method, exc_info=cause)
    else:
        _log.info("refused", id=error_id, status=problem.status, reason=problem.title)


def _page(request: Request, problem: Problem, error_id: str) -> Response:
    shown = pages.Error(
        status=problem.status,
        title=problem.title,
        message=problem.message,
        next=problem.next,
        id=error_id,
    )
    return page.render(request, shown, status=problem.status)


def _json(problem: Problem, error_id: str) -> Response:
    body: dict[str, str | int] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.message,
        "id": error_id,
    }
    if problem.field is not None:
        body["field"] = problem.field
    return JSONResponse(body, status_code=problem.status, media_type="application/problem+json")


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".") + "."
