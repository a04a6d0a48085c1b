"""TLS as the settings ask for it: our own certificate, a given one, or none behind a proxy."""

import ssl
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from labpass.secret import Secret
from labpass_server.app import certificate, folder, sealing_key
from labpass_server.model import errors
from labpass_server.settings import GivenCertificate, OwnCertificate, Settings

_PURPOSE: Final = b"labpass: private keys of the private CA and the server's certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """What the socket shows. ``authority`` is the private CA's certificate, if it is ours.

    ``renew`` is called now and then and puts a new certificate before new connections when the
    old one comes to its end.
    """

    context: ssl.SSLContext
    authority: bytes | None
    renew: Callable[[datetime], None]


def prepare(settings: Settings, key: bytes, *, now: datetime) -> Tls | None:
    """Return the TLS side of the server; `None` behind a proxy.

    Raises `Invalid` for a certificate that does not name the issuer's host, has expired, or whose
    key others can read.
    """
    host = urlsplit(settings.issuer).hostname or ""
    match settings.transport:
        case OwnCertificate():
            return _own(settings.data, host, _password(key), now)
        case GivenCertificate() as given:
            return _given(given, host, now)
        case _:
            return None


def _own(data: Path, host: str, password: Secret, now: datetime) -> Tls:
    authority = _authority(data, host, password, now)
    context = _context()

    def renew(moment: datetime) -> None:
        path = data / "server.pem"
        if not path.exists() or certificate.is_due(path.read_bytes(), now=moment):
            made = certificate.make_server(host, authority, password, now=moment)
            folder.write_new(path, made.key + made.certificate)
        _show(context, path, path, password)

    path = data / "server.pem"
    if path.exists() and not _is_ours(path, host, authority):
        path.unlink()
    renew(now)
    return Tls(context=context, authority=authority.certificate, renew=renew)


def _authority(data: Path, host: str, password: Secret, now: datetime) -> certificate.Pair:
    shown, hidden = data / "ca.pem", data / "ca.key"
    if not shown.exists():
        made = certificate.make_authority(host, password, now=now)
        folder.write_new(hidden, made.key)
        folder.write_new(shown, made.certificate)
        return made
    found = shown.read_bytes()
    if not certificate.constrained_to(found, host):
        raise errors.Invalid(
            "issuer",
            f"the private CA in {data} vouches for another host than {host}, and every cluster "
            "trusts that one; go back to the old issuer, or move ca.pem and ca.key away for a new "
            "CA and make every cluster trust it",
        )
    if certificate.is_due(found, now=now, before=timedelta()):
        raise errors.Invalid("data", f"the private CA in {shown} has expired")
    return certificate.Pair(certificate=found, key=hidden.read_bytes())


def _is_ours(path: Path, host: str, authority: certificate.Pair) -> bool:
    found = path.read_bytes()
    return certificate.is_for(found, host) and certificate.is_signed_by(
        found, authority.certificate
    )


def _given(given: GivenCertificate, host: str, now: datetime) -> Tls:
    _refuse_unusable(given, host, now)
    context = _context()

    def renew(_moment: datetime) -> None:
        _show(context, given.certificate, given.key, None)

    renew(now)
    return Tls(context=context, authority=None, renew=renew)


def _refuse_unusable(given: GivenCertificate, host: str, now: datetime) -> None:
    try:
        content = given.certificate.read_bytes()
        sealing_key.refuse_open(given.key, "tls-key")
        names_host = certificate.is_for(content, host)
    except (OSError, ValueError) as error:
        raise errors.Invalid("tls-cert", f"cannot read {given.certificate}: {error}") from error
    if not names_host:
        raise errors.Invalid("issuer", f"{given.certificate} is not for the issuer's host {host}")
    if certificate.is_due(content, now=now, before=timedelta()):
        raise errors.Invalid("tls-cert", f"{given.certificate} has expired")
    if certificate.is_too_early(content, now=now):
        raise errors.Invalid("tls-cert", f"{given.certificate} is not valid yet")


def _show(context: ssl.SSLContext, chain: Path, key: Path, password: Secret | None) -> None:
    try:
        context.load_cert_chain(chain, key, password=password.reveal() if password else "")
    except (OSError, ssl.SSLError) as error:
        raise errors.Invalid(
            "sealing-key" if password else "tls-key", f"{key} does not open or fit {chain}"
        ) from error


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    return context


def _password(key: bytes) -> Secret:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE).derive(key)
    return Secret(urlsafe_b64encode(derived).decode())
