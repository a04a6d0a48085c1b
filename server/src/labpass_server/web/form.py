"""Reads a form's body: urlencoded, bounded, every field once."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from labpass_server.model import errors

LIMIT: Final = 64 * 1024
_TYPE: Final = "application/x-www-form-urlencoded"
_FIELDS: Final = 100


async def read(request: Request) -> Mapping[str, str]:
    """Return the fields of a POST.

    Raises `Invalid` for another type, too much, or a repeated field: one given twice means
    different things to different readers.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _TYPE:
        raise errors.Invalid("body", f"expected {_TYPE}")
    return parse(await _body(request))


def parse(body: bytes) -> Mapping[str, str]:
    """Return the fields of an urlencoded text; raises `Invalid` as `read` does."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_FIELDS
        )
    except (UnicodeError, ValueError) as error:
        raise errors.Invalid("body", "not urlencoded UTF-8") from error
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise errors.Invalid("body", "a field is given twice")
    return fields


async def _body(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise errors.Invalid("body", "too large")
    return body
