"""Reading what a server answered: JSON of a known shape, or words about what came instead.

A captive portal, a wrong address and a broken proxy all answer HTML with status 200; none of them
may look like a sign-in that failed, nor like a session that ended.
"""

import json
from datetime import timedelta
from typing import Any, Final, TypeVar

from labpass.login.steps import Response
from labpass.problems import Unreachable

T = TypeVar("T")
SHOWN: Final = 60
LONGEST: Final = 10 * 365 * 86400


class NotOurs(Unreachable):
    """Something answered that is not a Labpass server, or not well."""


def json_of(response: Response, what: str) -> dict[str, Any]:
    """Return the JSON object of a body. Raises `NotOurs` for anything else."""
    try:
        found = json.loads(response.body)
    except ValueError as e:
        raise NotOurs(
            _instead(response, what), hint="Is the address right? Is a proxy in between?"
        ) from e
    if not isinstance(found, dict):
        raise NotOurs(f"{what} answered JSON, but not an object.")
    return found


def text(found: dict[str, Any], name: str, what: str) -> str:
    """Return a member that must be a text, without control characters."""
    value = found.get(name)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise NotOurs(f"{what} answered without {name}.")
    return value


def seconds(found: dict[str, Any], name: str, *, otherwise: int = 0) -> timedelta:
    """Return a length of time; a server's odd number never becomes an error of ours."""
    match found.get(name):
        case bool():
            return timedelta(seconds=otherwise)
        case int() as number:
            return timedelta(seconds=min(max(number, 0), LONGEST))
        case _:
            return timedelta(seconds=otherwise)


def printable(words: object, limit: int = 400) -> str:
    """Return a server's words without what could move a terminal's cursor or colour it."""
    return "".join(c if c.isprintable() else " " for c in str(words))[:limit]


def error_of(response: Response) -> tuple[str, str]:
    """Return an OAuth error's code and description; empty texts where there are none."""
    try:
        found = json.loads(response.body)
    except ValueError:
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    return printable(found.get("error", "")), printable(found.get("error_description", ""))


def _instead(response: Response, what: str) -> str:
    kind = response.headers.get("content-type", "").split(";")[0]
    if "html" in kind or response.body.lstrip()[:1] == b"<":
        return f"{what} answered a web page (status {response.status}) where JSON belongs."
    start = printable(response.body[:SHOWN].decode(errors="replace"))
    return f"{what} answered status {response.status} and no JSON: {start!r}."
