"""What the server refused (RFC 9457), as one of `labpass.problems`, with the next thing to do."""

from collections.abc import Mapping
from typing import Final

import httpx2

from labpass.problems import (
    Conflict,
    Forbidden,
    NotFound,
    NotSignedIn,
    Problem,
    Unreachable,
    UsageProblem,
)

_KINDS: Final[Mapping[int, tuple[type[Problem], str]]] = {
    400: (UsageProblem, ""),
    401: (NotSignedIn, "labpass login"),
    403: (Forbidden, "labpass whoami shows your roles"),
    404: (NotFound, ""),
    409: (Conflict, ""),
    422: (UsageProblem, ""),
    429: (Conflict, ""),
    500: (Unreachable, "the server's log has the cause under this id"),
    502: (Unreachable, "the server is up, something before it is not"),
    503: (Unreachable, "try again in a moment"),
    504: (Unreachable, "try again in a moment"),
}
_LONGEST: Final = 500


def check(answer: httpx2.Response) -> None:
    """Raise what an answer that is not a success means."""
    if answer.is_success:
        return
    kind, hint = _KINDS.get(answer.status_code, (Problem, ""))
    said = _document(answer)
    if said is None:
        host = answer.request.url.host
        raise Unreachable(
            f"{host} answered HTTP {answer.status_code}, and not as a Labpass server does.",
            hint="is the address right, and what stands between? labpass whoami",
        )
    raise kind(_sentence(said), hint=_hint(hint, said, answer))


def _document(answer: httpx2.Response) -> Mapping[str, object] | None:
    """Return the problem document; a page of HTML from a proxy is none."""
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) and "title" in document else None


def _sentence(said: Mapping[str, object]) -> str:
    """Return title, detail and the field it is about, as one line."""
    detail = str(said.get("detail") or said.get("title"))[:_LONGEST]
    field = f" ({said['field']})" if said.get("field") else ""
    return f"{detail[:1].upper()}{detail[1:]}{field}"


def _hint(hint: str, said: Mapping[str, object], answer: httpx2.Response) -> str:
    wait = answer.headers.get("retry-after")
    parts = [hint, f"try again in {wait} s" if wait else ""]
    if answer.is_server_error and said.get("id"):
        parts.append(f"id {said['id']}")
    return "; ".join(part for part in parts if part)
