"""One frozen `Settings`, parsed once; the one reader of the environment.

A flag wins over the environment (``LABPASS_SERVER_`` and the flag's name in capitals), which wins
over the default.
"""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from labpass.secret import Secret
from labpass_server.model import errors
from labpass_server.model.policy import EVERYTHING, Policy

PREFIX: Final = "LABPASS_SERVER_"
DEFAULT_DATA: Final = "labpass-data"
DEFAULT_LISTEN: Final = "127.0.0.1:8443"
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


class LogFormat(StrEnum):
    """How the log is written to standard error."""

    CONSOLE = "console"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Where the server waits for connections. ``host`` has no brackets."""

    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnCertificate:
    """The server makes a private CA and its own certificate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCertificate:
    """Somebody else's certificate chain and key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BehindProxy:
    """TLS ends before us; only these networks may say who a request comes from."""

    networks: tuple[Network, ...]


Transport: TypeAlias = OwnCertificate | GivenCertificate | BehindProxy


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an operator decides. ``issuer`` is exact: no trailing slash, no query."""

    data: Path
    sealing_key: Path
    listen: Listen
    issuer: str
    transport: Transport
    database: Secret
    log_format: LogFormat | None
    policy: Policy = EVERYTHING

    @property
    def sqlite_file(self) -> Path | None:
        """Where the database is, if it is a file of ours."""
        found = self.database.reveal().removeprefix("sqlite:///")
        return Path(found) if found != self.database.reveal() and found else None


def environment() -> Mapping[str, str]:
    """Return the environment of this process."""
    return os.environ  # noqa: TID251 -- this is the file the rule points to


def load(flags: Mapping[str, str | None], surroundings: Mapping[str, str]) -> Settings:
    """Return the settings; raises `Invalid` with the name of the flag that is wrong.

    ``flags`` is keyed by the flag's name without dashes in front: ``tls-cert``.
    """

    def find(name: str) -> str | None:
        given = flags.get(name)
        return given or surroundings.get(PREFIX + name.upper().replace("-", "_")) or None

    data = Path(find("data") or DEFAULT_DATA).absolute()
    listen = _listen(find("listen") or DEFAULT_LISTEN)
    transport = _transport(find("tls-cert"), find("tls-key"), find("behind-proxy"))
    key = find("sealing-key")
    return Settings(
        data=data,
        sealing_key=Path(key).absolute() if key else data.with_name(f"{data.name}-key") / "key",
        listen=listen,
        issuer=_issuer(find("issuer"), listen, transport),
        transport=transport,
        database=_database(find("database"), data),
        log_format=_log_format(find("log-format")),
        policy=Policy(
            takes_passwords_from_terminal=_switch("terminal-password", find("terminal-password")),
            signs_in_remotely=_switch("remote-sign-in", find("remote-sign-in")),
        ),
    )


def _listen(text: str) -> Listen:
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:  # noqa: PLR2004 -- ports
        raise errors.Invalid("listen", f"{text!r} is not HOST:PORT, such as 127.0.0.1:8443")
    return Listen(host=host, port=int(port))


def _transport(certificate: str | None, key: str | None, proxy: str | None) -> Transport:
    if proxy and (certificate or key):
        raise errors.Invalid("behind-proxy", "TLS ends at the proxy, so give no --tls-cert")
    if proxy:
        return BehindProxy(networks=tuple(_network(each) for each in proxy.split(",")))
    if certificate and key:
        return GivenCertificate(certificate=Path(certificate), key=Path(key))
    if certificate or key:
        raise errors.Invalid("tls-cert", "--tls-cert and --tls-key go together")
    return OwnCertificate()


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text.strip())
    except ValueError as error:
        raise errors.Invalid("behind-proxy", f"{text!r} is not a network: {error}") from error


def _issuer(text: str | None, listen: Listen, transport: Transport) -> str:
    if text is None:
        return _own_issuer(listen, transport)
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname:
        raise errors.Invalid(
            "issuer", f"{text!r} is not an https address; API servers accept no other"
        )
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise errors.Invalid("issuer", "an issuer has no user name, query or fragment")
    if parts.path not in {"", "/"}:
        raise errors.Invalid("issuer", "an issuer with a path is not supported yet")
    return f"https://{parts.netloc.lower()}"


def _own_issuer(listen: Listen, transport: Transport) -> str:
    if isinstance(transport, BehindProxy):
        raise errors.Invalid("issuer", "behind a proxy, say which address people use")
    if listen.host in {"0.0.0.0", "::"}:  # noqa: S104 -- compared with, not bound to
        raise errors.Invalid("issuer", "listening everywhere, say which address people use")
    host = f"[{listen.host}]" if ":" in listen.host else listen.host
    return f"https://{host}:{listen.port}"


def _database(text: str | None, data: Path) -> Secret:
    if text is None:
        return Secret(f"sqlite:///{data / 'labpass.db'}")
    scheme, separator, rest = text.partition("://")
    if scheme in {"postgresql", "postgres"} and separator:
        return Secret(f"postgresql+psycopg://{rest}")
    if scheme in {"sqlite", "postgresql+psycopg"} and separator:
        return Secret(text)
    raise errors.Invalid("database", "give sqlite:////path or postgresql://user@host/name")


def _switch(name: str, text: str | None) -> bool:
    if text not in {None, "on", "off"}:
        raise errors.Invalid(name, f"{text!r} is neither on nor off")
    return text != "off"


def _log_format(text: str | None) -> LogFormat | None:
    try:
        return LogFormat(text) if text else None
    except ValueError as error:
        raise errors.Invalid("log-format", f"{text!r} is neither console nor json") from error
