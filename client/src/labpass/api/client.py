"""Requests to `/api/v1` of one server, as the person whose token it is."""

from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self

import httpx2

from labpass.api import refusals
from labpass.api.fields import Document
from labpass.problems import Problem, Unreachable
from labpass.secret import Secret

ROOT: Final = "/api/v1"


class Client:
    """Sends one request at a time; refusals come as `labpass.problems`."""

    def __init__(self, http: httpx2.Client, token: Secret) -> None:
        self._http = http
        self._token = token

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str) -> Document:
        """Return one thing."""
        return self._document("GET", path)

    def items(self, path: str) -> list[object]:
        """Return what a list holds."""
        items = self._document("GET", path).get("items")
        return items if isinstance(items, list) else []

    def post(self, path: str, body: Document, *, dry_run: bool = False) -> Document:
        """Make a thing; a dry run answers the plan and changes nothing."""
        return self._document("POST", path, body=body, dry_run=dry_run)

    def patch(self, path: str, body: Document, *, dry_run: bool = False) -> Document:
        """Change a thing."""
        return self._document("PATCH", path, body=body, dry_run=dry_run)

    def put(self, path: str, body: Document) -> Document:
        """Put a thing in its place."""
        return self._document("PUT", path, body=body)

    def delete(self, path: str, *, dry_run: bool = False) -> Document:
        """Take a thing away; the answer may be empty."""
        return self._document("DELETE", path, dry_run=dry_run)

    def _document(
        self, method: str, path: str, *, body: Document | None = None, dry_run: bool = False
    ) -> Document:
        answer = self._send(method, path, body, {"dry_run": "true"} if dry_run else {})
        refusals.check(answer)
        if not answer.content:
            return {}
        try:
            document = answer.json()
        except ValueError:
            document = None
        if not isinstance(document, dict):
            raise Problem(f"{self._http.base_url.host} did not answer with a document.")
        return document

    def _send(
        self, method: str, path: str, body: Document | None, params: Mapping[str, str]
    ) -> httpx2.Response:
        try:
            return self._http.request(
                method,
                f"{ROOT}{path}",
                json=body,
                params=params,
                headers={"Authorization": f"Bearer {self._token.reveal()}"},
            )
        except httpx2.HTTPError as e:
            raise Unreachable(
                f"Cannot reach {self._http.base_url.host}: {e}.",
                hint="labpass whoami --offline shows which server is meant",
            ) from e
