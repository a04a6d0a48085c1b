"""The wire to one API server: requests in, parsed JSON or our own errors out."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
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


class Wire:
    """One cluster's connections. Nothing is opened before the first request."""

    def __init__(self, credential: Credential) -> None:
        self._token = credential.token
        self._client = httpx2.AsyncClient(
            base_url=credential.server.rstrip("/"),
            verify=_trust(credential.certificate_authority),
            timeout=_TIMEOUT,
            limits=httpx2.Limits(max_connections=CONNECTIONS, keepalive_expiry=60),
            trust_env=False,
            follow_redirects=False,
        )

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
        headers = {"Authorization": f"Bearer {self._token.reveal()}", "Content-Type": content_type}
        content = None if body is None else json.dumps(body).encode()
        try:
            response = await self._client.request(
                method, path, params=dict(params or {}), content=content, headers=headers
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise errors.Unavailable(f"the API server does not answer: {_words(error)}") from error
        return _answer(response)

    async def pages(self, path: str, params: Mapping[str, str]) -> AsyncIterator[Json]:
        """Yield each item of a list, page by page."""
        rest: str | None = None
        while True:
            asked = {**params, "limit": str(PAGE), **({"continue": rest} if rest else {})}
            page = await self.send("GET", path, params=asked)
            for item in page.get("items") or []:
                yield item
            rest = (page.get("metadata") or {}).get("continue")
            if not rest:
                return

    async def close(self) -> None:
        """Close every connection."""
        await self._client.aclose()


def _trust(certificate_authority: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cadata=certificate_authority)
    except ssl.SSLError as error:
        raise errors.Invalid("ca", "not certificates that TLS can read") from error


def _answer(response: httpx2.Response) -> Json:
    try:
        body = response.json()
    except ValueError as error:
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
    return timedelta(seconds=min(int(text), 60) if text.isdigit() else 1)


def _words(error: Exception) -> str:
    return str(error)[:_LONGEST_MESSAGE] or type(error).__name__
