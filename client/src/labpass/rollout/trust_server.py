"""What is asked of one API server while its trust changes: as the administrator, as the canary."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import httpx2

from labpass.kube import kubeconfig_entry
from labpass.kube.client import Client
from labpass.kube.entry import BearerToken, Endpoint, Entry
from labpass.problems import Conflict, Forbidden, NotSignedIn, Problem, Unreachable
from labpass.rollout import trust_metrics
from labpass.rollout.trust_metrics import Reloads
from labpass.secret import Secret
from labpass.trust.errors import Invalid
from labpass.trust.version import Version

_REVIEW: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_ACCESS: Final = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_NOBODY: Final = "labpass:nobody-by-this-name-1f0c9d"


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """What an API server makes of a credential. ``username`` is `None` when it was refused."""

    status: int
    username: str | None = None
    groups: tuple[str, ...] = ()


class ApiServer:
    """One API server, asked with the break-glass credential; tokens are given where they count."""

    def __init__(
        self, administrator: Client, with_token: Callable[[Secret], Client], address: str
    ) -> None:
        self._administrator = administrator
        self._with_token = with_token
        self.address = address

    @classmethod
    def from_entry(cls, entry: Entry) -> Self:
        """Use the credential and the address of a kubeconfig's context."""
        return cls(
            Client.from_entry(entry),
            lambda token: _as(entry.endpoint, token),
            entry.endpoint.server,
        )

    def close(self) -> None:
        """Close the connection."""
        self._administrator.close()

    def version(self) -> Version:
        """Return the version that the API server says it is."""
        said = str(self._administrator.get("/version").get("gitVersion"))
        try:
            return Version.parse(said)
        except Invalid as e:
            raise Problem(f"{self.address}: {e.reason}.", hint="--server-version 1.36.3") from e

    def reloads(self) -> Reloads:
        """Return what the metrics say. Raises `Problem` when they may not be read."""
        response = self._administrator.raw("GET", "/metrics")
        if response.status_code != httpx2.codes.OK:
            raise Forbidden(
                f"{self.address} refused its metrics: HTTP {response.status_code}.",
                hint="use an administrator's kubeconfig",
            )
        return trust_metrics.parse(response.text)

    def service_account_issuer(self) -> str | None:
        """Return the issuer of service accounts, which nobody else may be; `None` if it is off."""
        response = self._administrator.raw("GET", "/.well-known/openid-configuration")
        if response.status_code != httpx2.codes.OK:
            return None
        return str(response.json().get("issuer"))

    def administrator(self) -> Who:
        """Return whom the administrator's credential makes; a fresh connection each time."""
        self._administrator.close()
        return _who(self._administrator)

    def bearer(self, token: Secret) -> Who:
        """Return whom a token makes."""
        with self._with_token(token) as client:
            return _who(client)

    def lets_nobody_in(self) -> bool:
        """Ask whether a user that nobody is may read every secret; True when it may."""
        attributes = {"verb": "list", "resource": "secrets"}
        review = self._administrator.request(
            "POST",
            _ACCESS,
            body={
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SubjectAccessReview",
                "spec": {"user": _NOBODY, "resourceAttributes": attributes},
            },
        )
        return review["status"].get("allowed") is True


def connect(kubeconfig: Path | None, context: str | None = None) -> ApiServer:
    """Open a kubeconfig; raises `Problem` when it holds no credential that works."""
    entry = kubeconfig_entry.load(kubeconfig, context)
    return ApiServer.from_entry(entry)


def prove_break_glass(server: ApiServer, prefix: str) -> str:
    """Return the administrator's name there; one with our own ``prefix`` hangs on this change.

    Raises when the credential does not work, or would not if the change went wrong.
    """
    who = server.administrator()
    if who.username is None:
        raise NotSignedIn(
            f"{server.address} refuses the administrator's credential: HTTP {who.status}.",
            hint="nothing was changed; give one that works with --break-glass",
        )
    if who.username.startswith(prefix):
        raise Conflict(
            f"{who.username} is known there through Labpass, so it would be lost with it.",
            hint="give a client certificate's kubeconfig with --break-glass",
        )
    return who.username


def _who(client: Client) -> Who:
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    response = client.raw("POST", _REVIEW, body=review)
    if response.status_code != httpx2.codes.CREATED:
        return Who(status=response.status_code)
    try:
        info = json.loads(response.content)["status"]["userInfo"]
    except (ValueError, KeyError, TypeError) as e:
        raise Unreachable("That is not the answer of a Kubernetes API server.") from e
    return Who(
        status=response.status_code,
        username=str(info["username"]),
        groups=tuple(str(group) for group in info.get("groups") or ()),
    )


def _as(endpoint: Endpoint, token: Secret) -> Client:
    return Client(endpoint, BearerToken(token=token))
