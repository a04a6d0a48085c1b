"""The wire to one API server: requests in, parsed JSON or our own errors out.

Who answers may be malicious, or no API server at all: an answer is as long and takes as long as we
say, no redirect is followed, and our token goes nowhere but to the address that was given.
"""

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import httpx2

from labpass_server.model import errors
from labpass_server.model.cluster import Credential

Json = dict[str, Any]

CONNECTIONS: Final = 8
PAGE: Final = 500
_TIMEOUT: Final = httpx2.Timeout(10.0, connect=5.0)
_LONGEST_MESSAGE: Final = 300
_LONGEST_NUMBER: Final = 9
_LONGEST_WAIT: Final = 60
_TOKEN: Final = re.compile(r"[!-~]{1,16384}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one answer, and one list of several pages, may cost us.

    ``seconds`` is for a whole answer, so that one which trickles does not hold a loop for ever.
    """

    seconds: float = 30
    answer: int = 64 << 20
    listing: int = 512 << 20


USUAL: Final = Limits()


class Wire:
    """One cluster's connections. Nothing is opened before the first request.

    Raises `Invalid` for an address, a certificate authority or a token that cannot be used.
    """

    def __init__(self, credential: Credential, limits: Limits = USUAL) -> None:
        if not is_token(credential.token.reveal()):  # a line break would be another header
            raise errors.Invalid("token", "not a token")
        self._token = credential.token
        self._limits = limits
        try:
            self._client = httpx2.AsyncClient(
                base_url=credential.server.rstrip("/"),
                verify=_trust(credential.certificate_authority),
                timeout=_TIMEOUT,
                limits=httpx2.Limits(max_connections=CONNECTIONS, keepalive_expiry=60),
                headers={"Accept": "application/json", "Accept-Encoding": "identity"},
                trust_env=False,
                follow_redirects=False,
            )
        except httpx2.InvalidURL as error:
            raise errors.Invalid("server", "not an address") from error

    async def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Json | None = None,
        content_type: str = "application/json",
    ) -> Json:
        """Send one request and return the object in the answer.

        Raises `NotFound`, `Conflict`, `NotAllowed`, `Invalid` or `TooMany` as the API server says,
        and `Unavailable` when it does not answer, answers with something else, or knows us no more.
        """
        answer, _ = await self._send(method, path, params, body, content_type)
        return answer

    async def pages(self, path: str, params: Mapping[str, str]) -> AsyncIterator[Json]:
        """Yield each item of a list, page by page."""
        rest, taken = "", 0
        while True:
            asked = {**params, "limit": str(PAGE), **({"continue": rest} if rest else {})}
            page, size = await self._send("GET", path, asked, None, "application/json")
            taken += size
            if taken > self._limits.listing:
                raise errors.Unavailable("the API server's list does not end")
            with understood():
                items, before = list(page.get("items") or ()), rest
                rest = str((page.get("metadata") or {}).get("continue") or "")
            for item in items:
                yield item
            if not rest:
                return
            if rest == before:
                raise errors.Unavailable("the API server's list goes round in circles")

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()

    async def _send(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: Json | None,
        content_type: str,
    ) -> tuple[Json, int]:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._token.reveal()}", "Content-Type": content_type}
        asked = dict(params or {})
        try:
            async with (
                asyncio.timeout(self._limits.seconds),
                self._client.stream(
                    method, path, params=asked, content=content, headers=headers
                ) as response,
            ):
                received = await self._received(response)
        except TimeoutError as error:
            raise errors.Unavailable("the API server does not answer in time") from error
        except (httpx2.HTTPError, OSError, UnicodeError) as error:
            raise errors.Unavailable(f"the API server does not answer: {_words(error)}") from error
        return _answer(response, received), len(received)

    async def _received(self, response: httpx2.Response) -> bytes:
        """Return the bytes as they came: we ask for no compression, so none can hide a flood."""
        received = bytearray()
        async for part in response.aiter_raw():
            received += part
            if len(received) > self._limits.answer:
                raise errors.Unavailable("the API server's answer is too long")
        return bytes(received)


def is_token(text: object) -> bool:
    """Tell whether this can be a bearer token: printable ASCII without a blank."""
    return isinstance(text, str) and _TOKEN.fullmatch(text) is not None


@contextmanager
def understood() -> Iterator[None]:
    """Turn an answer that is JSON and yet not what an API server says into `Unavailable`."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise errors.Unavailable("the API server does not answer as one does") from error


def _trust(certificate_authority: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=certificate_authority)
    except (ssl.SSLError, TypeError, ValueError) as error:
        raise errors.Invalid("ca", "not certificates that TLS can read") from error


def _answer(response: httpx2.Response, received: bytes) -> Json:
    try:
        body = json.loads(received)
    except (ValueError, RecursionError) as error:
        raise errors.Unavailable(f"the API server answers {response.status_code}") from error
    if not isinstance(body, dict):
        raise errors.Unavailable(f"the API server answers {response.status_code}")
    if response.is_success:
        return body
    raise _refusal(response, str(body.get("message", ""))[:_LONGEST_MESSAGE])


def _refusal(response: httpx2.Response, message: str) -> errors.Refusal:
    known: dict[int, errors.Refusal] = {
        401: errors.Unavailable("the API server does not accept our account's token"),
        403: errors.NotAllowed(message),
        404: errors.NotFound(message),
        409: errors.Conflict(message),
        410: errors.Conflict(message),
        400: errors.Invalid("object", message),
        413: errors.Invalid("object", message),
        422: errors.Invalid("object", message),
        429: errors.TooMany(_retry_after(response)),
    }
    status = response.status_code
    unknown = errors.Unavailable(f"the API server answers {status}: {message}")
    return known.get(status, unknown)


def _retry_after(response: httpx2.Response) -> timedelta:
    text = response.headers.get("retry-after", "")
    is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
    return timedelta(seconds=min(int(text), _LONGEST_WAIT) if is_number else 1)


def _words(error: Exception) -> str:
    return str(error)[:_LONGEST_MESSAGE] or type(error).__name__
