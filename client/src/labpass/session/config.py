"""Which server a profile signs in to, and which CA to trust for it: ``config.json``.

{"version": 1, "profiles": {"default": "https://login.example"},
 "servers": {"https://login.example": {"ca": "-----BEGIN CERTIFICATE-----..." | null}}}
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A Labpass server: ``url`` is the issuer, exact; ``ca_pem`` None trusts the machine's CAs."""

    url: str
    ca_pem: str | None = None
