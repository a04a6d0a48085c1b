"""A token on disk, ready to print: ``cred/<key>.<version>.cred``.

Line 1 is the document's expiry as seconds since the epoch, line 2 the exact ExecCredential. No
JSON parser is needed to answer kubectl: the plugin's shell front and its Python fast path read the
number, compare it with the clock and print the rest.

The document says a minute less than the token has: client-go and Python's official client take an
expiry literally, and a token that dies on its way to the API server is a 401. It is used while six
minutes are left: renewing early costs nothing, and a clock that is minutes off does no harm.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from labpass.problems import Problem
from labpass.secret import Secret
from labpass.session import files, keys
from labpass.session.folders import Folders

EARLIER: Final = timedelta(seconds=60)
MARGIN: Final = timedelta(minutes=6)
LONGEST: Final = timedelta(hours=1)  # beyond it the clock was wrong when the file was written
GROUP: Final = "client.authentication.k8s.io"


class Version(StrEnum):
    """The versions of ExecCredential that Kubernetes still reads."""

    V1 = "v1"
    V1BETA1 = "v1beta1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A token and the moment after which it must not be used any more (its own, less a minute)."""

    token: Secret
    expires_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """True while it can be handed out without a thought."""
        return MARGIN <= self.expires_at - now <= LONGEST

    def is_usable(self, now: datetime) -> bool:
        """True while the API server takes it; for when no better one can be got."""
        return timedelta(0) < self.expires_at - now <= LONGEST


def issued(token: Secret, *, lifetime: timedelta, now: datetime) -> Credential:
    """Return a credential for a token just received.

    Counted from our own clock: kubectl compares with that one, whatever the server's says.
    """
    return Credential(token=token, expires_at=now + min(lifetime - EARLIER, LONGEST))


def render(credential: Credential, version: Version) -> str:
    """Return the ExecCredential for kubectl, on one line."""
    expiry = credential.expires_at.astimezone(UTC).replace(microsecond=0, tzinfo=None)
    document = {
        "apiVersion": f"{GROUP}/{version}",
        "kind": "ExecCredential",
        "status": {
            "expirationTimestamp": f"{expiry.isoformat()}Z",
            "token": credential.token.reveal(),
        },
    }
    return json.dumps(document, separators=(",", ":"))


def find(folders: Folders, key: keys.CredentialKey) -> Credential | None:
    """Return the cached token. A file that cannot be read or understood is no cached token."""
    try:
        raw = files.read(folders.credentials / f"{key}.{Version.V1}.cred")
        if raw is None:
            return None
        expiry, document = raw.decode().splitlines()
        return Credential(
            token=Secret(json.loads(document)["status"]["token"]),
            expires_at=datetime.fromtimestamp(int(expiry), UTC),
        )
    except (Problem, ValueError, KeyError, TypeError, OverflowError):
        return None


def save(folders: Folders, key: keys.CredentialKey, credential: Credential) -> None:
    """Cache a token, rendered once for each version."""
    expiry = int(credential.expires_at.timestamp())
    for version in Version:
        content = f"{expiry}\n{render(credential, version)}\n"
        files.write(folders.credentials / f"{key}.{version}.cred", content.encode())


def delete(folders: Folders, key: keys.CredentialKey) -> None:
    """Delete a cached token; it is got again in one request."""
    for version in Version:
        files.remove(folders.credentials / f"{key}.{version}.cred")


def delete_all(folders: Folders) -> None:
    """Delete every cached token of this person."""
    for path in folders.credentials.glob("*.cred"):
        files.remove(path)
