"""Parameters of a request, parsed by us: urlencoded, none twice, the body at most 64 KiB.

RFC 6749 §3.1 and §3.2: no parameter more than once, one without a value counts as left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib import parse

from starlette.requests import Request

from labpass.secret import Secret
from labpass_server.model import errors

LIMIT: Final = 64 * 1024
_MOST: Final = 64
_URLENCODED: Final = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """What was sent. ``repeated`` names what came more than once and means nothing."""

    values: Mapping[str, str] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()

    def find(self, name: str) -> str | None:
        """Return one value; a repeated one raises `Invalid`."""
        if name in self.repeated:
            raise errors.Invalid(name, "given more than once")
        return self.values.get(name) or None

    def find_secret(self, name: str) -> Secret | None:
        """Return one value that must not be shown."""
        found = self.find(name)
        return None if found is None else Secret(found)

    def get(self, name: str) -> str:
        """Return one value; raises `Invalid` without it."""
        found = self.find(name)
        if found is None:
            raise errors.Invalid(name, "missing")
        return found

    def get_secret(self, name: str) -> Secret:
        """Return one value that must not be shown; raises `Invalid` without it."""
        return Secret(self.get(name))

    def refuse_repeated(self) -> None:
        """Raise `Invalid` if anything came twice."""
        if self.repeated:
            raise errors.Invalid(min(self.repeated), "given more than once")


def of_query(request: Request) -> Parameters:
    """Return the query's parameters."""
    return read(request.scope["query_string"])


async def of_body(request: Request) -> Parameters:
    """Return the parameters of an urlencoded body; raises `Invalid` for any other."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _URLENCODED:
        raise errors.Invalid("content-type", f"send {_URLENCODED}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT:
            raise errors.Invalid("body", "more than 64 KiB")
    return read(bytes(body))


def read(text: bytes) -> Parameters:
    """Return what an urlencoded text holds; raises `Invalid` for what is none."""
    try:
        pairs = parse.parse_qsl(
            text.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST, errors="strict"
        )
    except ValueError as error:
        raise errors.Invalid("parameters", "not urlencoded UTF-8, or too many") from error
    names = [name for name, _ in pairs]
    repeated = frozenset(name for name in names if names.count(name) > 1)
    return Parameters(values=dict(pairs), repeated=repeated)
