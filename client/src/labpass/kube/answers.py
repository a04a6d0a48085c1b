"""What the API server said, turned into `labpass.problems` with its own words."""

import json
from collections.abc import Mapping
from typing import Any, Final

import httpx2

from labpass import problems


class ApiError(Exception):
    """A refusal as the API server gave it; the ``__cause__`` of the problem that is raised."""

    def __init__(self, code: int, reason: str, message: str, details: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details


_BY_CODE: Final[Mapping[int, type[problems.Problem]]] = {
    401: problems.NotSignedIn,
    403: problems.Forbidden,
    404: problems.NotFound,
    409: problems.Conflict,
    410: problems.Conflict,
    429: problems.Unreachable,
    500: problems.Unreachable,
    502: problems.Unreachable,
    503: problems.Unreachable,
    504: problems.Unreachable,
}


def check(response: httpx2.Response) -> httpx2.Response:
    """Return a good response; raise the problem that a bad one is, from an `ApiError`."""
    if response.status_code < httpx2.codes.BAD_REQUEST and not response.is_redirect:
        return response
    error = parse(response)
    raise _BY_CODE.get(error.code, problems.Problem)(error.message, _hint(error)) from error


def parse(response: httpx2.Response) -> ApiError:
    """Read a Status object; an answer that is none (a proxy's page) is named, not shown."""
    try:
        status = json.loads(response.read())
        message = str(status["message"])
    except (ValueError, KeyError, TypeError):
        host = response.request.url.host
        words = f"{host} answered {response.status_code}, not in the way of a Kubernetes API server"
        return ApiError(response.status_code, "", words, {})
    details = status.get("details") or {}
    return ApiError(response.status_code, str(status.get("reason") or ""), message, details)


def cause(problem: BaseException) -> ApiError | None:
    """Return what the API server said behind a problem, if it was the API server."""
    return problem.__cause__ if isinstance(problem.__cause__, ApiError) else None


def _hint(error: ApiError) -> str:
    if error.code == httpx2.codes.UNAUTHORIZED:
        return "the API server does not know this credential: expired, withdrawn, or another's"
    return ""
