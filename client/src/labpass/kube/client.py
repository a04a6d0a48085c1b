"""A small client for one API server: what Labpass asks of a cluster, and nothing else."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Final, Self
from urllib.parse import quote

from labpass import problems
from labpass.kube import discovery
from labpass.kube.connection import Connection, Json
from labpass.kube.entry import BearerToken, Credential, Endpoint, Entry, Impersonation
from labpass.kube.identity import Identity
from labpass.secret import Secret

FIELD_MANAGER: Final = "labpass"
PAGE: Final = 500
"""Objects per page of a list, as kubectl asks."""

APPLY: Final = "application/apply-patch+yaml"  # JSON is YAML
MERGE: Final = "application/merge-patch+json"
JSON_PATCH: Final = "application/json-patch+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundToken:
    """A service account's token from TokenRequest."""

    token: Secret = field(repr=False)
    expires_at: datetime


class Client:
    """Speaks to one API server as one somebody; not thread-safe. Connects at the first request."""

    def __init__(
        self,
        endpoint: Endpoint,
        credential: Credential,
        *,
        impersonation: Impersonation | None = None,
        field_manager: str = FIELD_MANAGER,
    ) -> None:
        self.endpoint = endpoint
        self.field_manager = field_manager
        self._connection = Connection(endpoint, Identity(endpoint, credential, impersonation))
        self._resources = discovery.Resources(self.get)
        self.raw = self._connection.raw
        self.request = self._connection.request
        self.lines = self._connection.lines
        self.close = self._connection.close

    @classmethod
    def from_entry(cls, entry: Entry) -> Self:
        """Be whom a kubeconfig's context says."""
        return cls(entry.endpoint, entry.credential, impersonation=entry.impersonation)

    @classmethod
    def from_token(cls, server: str, ca_pem: str | None, token: Secret) -> Self:
        """Be whom a token says."""
        return cls(Endpoint(server=server.rstrip("/"), ca_pem=ca_pem), BearerToken(token=token))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, e: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.close()

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Return what stands at a path, such as ``/version`` or `path_of` an object."""
        return self.request("GET", path, params=params)

    def list(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[Json]:
        """Yield the items of a collection, page by page."""
        asked = {"limit": str(PAGE), **(params or {})}
        while True:
            page = self.get(path, asked)
            yield from page.get("items") or ()
            following = str((page.get("metadata") or {}).get("continue") or "")
            if not following:
                return
            asked = {**asked, "continue": following}

    def create(self, manifest: Json, *, dry_run: bool = False) -> Json:
        """Create one object; raises `problems.Conflict` when it exists."""
        path = self.path_of(manifest, collection=True)
        params = {"fieldManager": self.field_manager, **_dry(dry_run=dry_run)}
        return self.request("POST", path, body=manifest, params=params)

    def apply(self, manifest: Json, *, force: bool = True, dry_run: bool = False) -> Json:
        """Apply one object server-side; ``force`` takes fields over from other managers."""
        params = {"fieldManager": self.field_manager, "force": str(force).lower()}
        return self.request(
            "PATCH",
            self.path_of(manifest),
            body=manifest,
            params={**params, **_dry(dry_run=dry_run)},
            content_type=APPLY,
        )

    def replace(self, manifest: Json, *, dry_run: bool = False) -> Json:
        """Put one object in the place of the one there, whoever wrote its fields.

        ``metadata.resourceVersion`` says which one is meant; `problems.Conflict` when it moved on.
        """
        params = {"fieldManager": self.field_manager, **_dry(dry_run=dry_run)}
        return self.request("PUT", self.path_of(manifest), body=manifest, params=params)

    def patch(
        self, path: str, body: object, *, content_type: str = MERGE, dry_run: bool = False
    ) -> Json:
        """Patch what stands at a path."""
        params = {"fieldManager": self.field_manager, **_dry(dry_run=dry_run)}
        return self.request("PATCH", path, body=body, params=params, content_type=content_type)

    def delete(self, path: str, params: Mapping[str, str] | None = None) -> bool:
        """Delete what stands at a path, dependents in the background; False if it was not there."""
        asked = {"propagationPolicy": "Background", **(params or {})}
        try:
            self.request("DELETE", path, params=asked)
        except problems.NotFound:
            return False
        return True

    def token(self, namespace: str, account: str, *, seconds: int) -> BoundToken:
        """Ask for a service account's token (TokenRequest) for the API server itself.

        The API server may shorten the life; ``expires_at`` is what it gave.
        """
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        }
        status = self.request("POST", path, body=body)["status"]
        return BoundToken(
            token=Secret(status["token"]),
            expires_at=datetime.fromisoformat(status["expirationTimestamp"]),
        )

    def path_of(self, manifest: Json, *, collection: bool = False) -> str:
        """Return the path of an object (or of its collection) from its kind and names.

        Asks the API server once per API version what kinds it has.
        """
        resource = self._resources.get(str(manifest["apiVersion"]), str(manifest["kind"]))
        metadata = manifest.get("metadata") or {}
        path = resource.collection(str(metadata.get("namespace") or ""))
        return path if collection else f"{path}/{quote(str(metadata['name']), safe='')}"


def _dry(*, dry_run: bool) -> Mapping[str, str]:
    return {"dryRun": "All"} if dry_run else {}
