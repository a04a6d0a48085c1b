"""Just enough of a Kubernetes client to bring a cluster up: read a path, put an object there."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx2

from testbed.cluster import certificates

_READY = 200
_MANAGER = "testbed"


class Api:
    """The API server of one cluster, spoken to with a client certificate."""

    def __init__(self, server: str, *, ca: Path, pair: certificates.Pair) -> None:
        context = ssl.create_default_context(cafile=ca)
        context.load_cert_chain(pair.certificate, pair.key)
        # The environment may name a proxy; the loopback addresses are never behind it.
        self._http = httpx2.Client(base_url=server, verify=context, trust_env=False, timeout=10)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def is_ready(self) -> bool:
        """Whether /readyz says yes."""
        try:
            return self._http.get("/readyz").status_code == _READY
        except httpx2.TransportError:
            return False

    def get(self, path: str) -> dict[str, Any]:
        """Return the object or list at ``path``; raises httpx2's error on a refusal."""
        answer = self._http.get(path)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json()
        return found

    def exists(self, path: str) -> bool:
        """Whether there is an object at ``path``."""
        return self._http.get(path).status_code == _READY

    def apply(self, path: str, manifest: Mapping[str, Any]) -> None:
        """Put ``manifest`` at ``path`` by server-side apply."""
        answer = self._http.patch(
            path,
            params={"fieldManager": _MANAGER, "force": "true"},
            headers={"Content-Type": "application/apply-patch+yaml"},
            json=dict(manifest),
        )
        answer.raise_for_status()

    def create(self, path: str, manifest: Mapping[str, Any]) -> None:
        """Create ``manifest`` in the list at ``path``; a Node keeps the status it is made with."""
        self._http.post(path, json=dict(manifest)).raise_for_status()
