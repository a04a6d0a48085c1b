"""What the endpoints are given, and where they are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from labpass_server.identity import (
    bearer,
    clients,
    desk,
    keyring,
    sign_in,
    sign_out,
    terminal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The use cases behind the authority's endpoints. ``issuer`` comes from settings alone."""

    issuer: str
    directory: clients.Directory
    sign_ins: sign_in.SignIns
    sign_outs: sign_out.SignOuts
    terminal: terminal.Terminal
    desk: desk.Desk
    bearers: bearer.Bearers
    keys: keyring.Keyring
    now: Callable[[], datetime]

    def url(self, path: str) -> str:
        """Return the address of a path under the issuer."""
        return f"{self.issuer}{path}"
