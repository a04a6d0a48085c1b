"""The errors of this door: one table from refusals to problem documents (RFC 9457)."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import structlog
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from labpass_server.kit import random
from labpass_server.model import errors

Handler: TypeAlias = Callable[[Request, Any], Coroutine[Any, Any, Response]]
_log: Final = structlog.get_logger("api")
MEDIA_TYPE: Final = "application/problem+json"
_LONGEST_LOCATION: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A problem document without its id."""

    status: int
    title: str
    detail: str
    field: str | None = None
    retry_after: int | None = None
    grantors: tuple[str, ...] = ()


def of_refusal(refusal: errors.Refusal) -> Problem:
    """Say what a use case refused."""
    match refusal:
        case errors.NotAllowed(reason=reason, grantors=grantors):
            return Problem(status=403, title="Not allowed", detail=reason, grantors=grantors)
        case errors.NotFound(what=what):
            return Problem(status=404, title="Not found", detail=f"there is no {what}")
        case errors.Conflict(what=what):
            return Problem(status=409, title="Not possible now", detail=what)
        case errors.Invalid(field=field, reason=reason):
            return Problem(status=400, title="Wrong input", detail=reason, field=field)
        case errors.TooMany(retry_after=retry_after):
            seconds = max(1, round(retry_after.total_seconds()))
            detail = f"try again in {seconds} s"
            return Problem(status=429, title="Too many tries", detail=detail, retry_after=seconds)
        case _:
            detail = f"not available now: {refusal}"
            return Problem(status=503, title="Not available", detail=detail, retry_after=5)


async def on_refusal(request: Request, error: Exception) -> JSONResponse:
    """Answer a refusal."""
    assert isinstance(error, errors.Refusal)
    return _answer(request, of_refusal(error), cause=error)


async def on_invalid(request: Request, error: Exception) -> JSONResponse:
    """Answer input that has the wrong shape; a name no thing can have is a thing that is not."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    place, *names = [str(each) for each in first["loc"]]
    if place == "path":
        return _answer(request, Problem(status=404, title="Not found", detail="no such thing"))
    field = ".".join(names)[:_LONGEST_LOCATION].encode(errors="replace").decode()
    detail = str(first["msg"])[:_LONGEST_LOCATION]
    problem = Problem(status=400, title="Wrong input", detail=detail, field=field or place)
    return _answer(request, problem)


async def on_http(request: Request, error: Exception) -> JSONResponse:
    """Answer what the router says: unknown path, wrong method, nobody signed in."""
    assert isinstance(error, HTTPException)
    problem = Problem(status=error.status_code, title=error.detail, detail=error.detail)
    return _answer(request, problem, headers=error.headers)


HANDLERS: Final[dict[int | type[Exception], Handler]] = {
    errors.Refusal: on_refusal,
    RequestValidationError: on_invalid,
    HTTPException: on_http,
}


def _answer(
    request: Request,
    problem: Problem,
    *,
    cause: BaseException | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    problem_id = random.identifier(12)
    is_ours = problem.status >= 500  # noqa: PLR2004 -- HTTP's own border
    log = _log.error if is_ours else _log.info
    log("refused", id=problem_id, status=problem.status, exc_info=cause if is_ours else None)
    body: dict[str, str | int | list[str]] = {
        "type": "about:blank",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "id": problem_id,
    }
    if problem.field is not None:
        body["field"] = problem.field
    if problem.grantors:
        body["grantors"] = list(problem.grantors)
    response = JSONResponse(body, problem.status, dict(headers or {}), MEDIA_TYPE)
    if problem.retry_after is not None:
        response.headers["Retry-After"] = str(problem.retry_after)
    del request
    return response
