"""One connection to one API server: sends a request as somebody, says in words what went wrong."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeAlias

import httpx2

from labpass import problems
from labpass.kube import answers
from labpass.kube.entry import Endpoint
from labpass.kube.identity import Identity

Json: TypeAlias = Mapping[str, Any]
TIMEOUT: Final = httpx2.Timeout(30, connect=10)


class Connection:
    """Sends requests; not thread-safe. Connects at the first one."""

    def __init__(self, endpoint: Endpoint, identity: Identity) -> None:
        self._endpoint = endpoint
        self._identity = identity
        self._http: httpx2.Client | None = None

    def close(self) -> None:
        """Close what is open; the next request opens it again."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def request(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        params: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Json:
        """Send one request and return its JSON; refusals become `labpass.problems`."""
        response = self.raw(method, path, body=body, params=params, content_type=content_type)
        answers.check(response)
        try:
            answer: Json = json.loads(response.content)
        except ValueError as e:
            host = response.request.url.host
            raise problems.Unreachable(f"{host} did not answer as an API server does") from e
        return answer

    def raw(
        self,
        method: str,
        path: str,
        *,
        body: object = None,
        params: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> httpx2.Response:
        """Send one request and return the response, whatever its status.

        On 401 a renewable credential is renewed once and the request sent again: a refused request
        did nothing. Raises `problems.Unreachable` when there is no answer.
        """
        content = None if body is None else json.dumps(body)
        headers = {} if body is None else {"Content-Type": content_type}
        response = self._send(method, path, params=params, content=content, headers=headers)
        if response.status_code == httpx2.codes.UNAUTHORIZED and self._identity.renew():
            self.close()  # the certificate may be another
            response = self._send(method, path, params=params, content=content, headers=headers)
        return response

    @contextmanager
    def lines(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[Iterator[str]]:
        """Give the lines of an answer as they come: a log that is followed, a watch."""
        connection = self._connection()
        headers = self._identity.headers()
        extensions = self._identity.extensions()
        patience = httpx2.Timeout(10, read=None)
        with (
            _said_in_words(self._endpoint),
            connection.stream(
                "GET", path, params=params, headers=headers, extensions=extensions, timeout=patience
            ) as response,
        ):
            answers.check(response)
            yield response.iter_lines()

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None,
        content: str | None,
        headers: Mapping[str, str],
    ) -> httpx2.Response:
        connection = self._connection()
        with _said_in_words(self._endpoint):
            return connection.request(
                method,
                path,
                params=params,
                content=content,
                headers=[*headers.items(), *self._identity.headers()],
                extensions=self._identity.extensions(),
            )

    def _connection(self) -> httpx2.Client:
        if self._http is None:
            self._http = httpx2.Client(
                base_url=self._endpoint.server,
                verify=self._identity.tls(),
                timeout=TIMEOUT,
                proxy=self._endpoint.proxy_url,
                trust_env=not _is_loopback(self._endpoint.server),
                headers={"Accept": "application/json", "User-Agent": "labpass"},
            )
        return self._http


@contextmanager
def _said_in_words(endpoint: Endpoint) -> Iterator[None]:
    """Turn the transport's errors into a problem; a URL is shown, headers never are."""
    try:
        yield
    except httpx2.TimeoutException as e:
        raise problems.Unreachable(
            f"the API server {endpoint.server} did not answer in time"
        ) from e
    except httpx2.HTTPError as e:
        raise problems.Unreachable(f"cannot reach the API server {endpoint.server}: {e}") from e


def _is_loopback(server: str) -> bool:
    """Tell whether the environment's proxy must be left out, as client-go does."""
    host = httpx2.URL(server).host
    return host in {"localhost", "::1"} or host.startswith("127.")
