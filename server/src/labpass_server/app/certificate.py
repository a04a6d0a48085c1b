"""The private CA and the server's own certificate, and what a given certificate must be.

The CA can vouch for the issuer's host and nothing else (RFC 5280 §4.2.1.10), so people who trust
it trust it with one name. Private keys rest encrypted under the sealing key: with a stolen data
folder nobody can stand in for the authority.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from labpass.secret import Secret

CA_LIFETIME: Final = timedelta(days=3650)
LIFETIME: Final = timedelta(days=90)
RENEW_BEFORE: Final = timedelta(days=30)
_ALLOWANCE: Final = timedelta(hours=1)  # clocks of other machines that are behind ours

_General: TypeAlias = x509.DNSName | x509.IPAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate and its private key, both PEM; the key is encrypted."""

    certificate: bytes
    key: bytes


def make_authority(host: str, password: Secret, *, now: datetime) -> Pair:
    """Make a CA that can vouch for ``host`` alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _named(f"Labpass private CA for {host}")
    certificate = (
        _builder(name, name, key.public_key(), now, CA_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(is_authority=True), critical=True)
        .add_extension(_constraints(host), critical=True)
        .add_extension(_own_identifier(key), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _pair(certificate, key, password)


def make_server(host: str, authority: Pair, password: Secret, *, now: datetime) -> Pair:
    """Make the certificate that the server shows, vouched for by ``authority``."""
    parent = x509.load_pem_x509_certificate(authority.certificate)
    parent_key = serialization.load_pem_private_key(authority.key, password.reveal().encode())
    assert isinstance(parent_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = (
        _builder(_SERVER, parent.subject, key.public_key(), now, LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(is_authority=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(host)]), critical=False)
        .add_extension(_own_identifier(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(parent_key.public_key()),
            critical=False,
        )
        .sign(parent_key, hashes.SHA256())
    )
    return _pair(certificate, key, password)


def fingerprint(certificate_pem: bytes) -> str:
    """Return the SHA-256 of the certificate's DER in lower-case hex."""
    return x509.load_pem_x509_certificate(certificate_pem).fingerprint(hashes.SHA256()).hex()


def is_for(certificate_pem: bytes, host: str) -> bool:
    """Say whether the first certificate names ``host``, as a client would compare it."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    wanted = _general(host)
    if isinstance(wanted, x509.IPAddress):
        return wanted.value in found.get_values_for_type(x509.IPAddress)
    names = [name.lower() for name in found.get_values_for_type(x509.DNSName)]
    return host in names or f"*.{host.partition('.')[2]}" in names


def constrained_to(certificate_pem: bytes, host: str) -> bool:
    """Say whether this CA may vouch for ``host``."""
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    found = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    return found == _constraints(host)


def is_signed_by(certificate_pem: bytes, authority_pem: bytes) -> bool:
    """Say whether this authority made the first certificate."""
    try:
        x509.load_pem_x509_certificate(certificate_pem).verify_directly_issued_by(
            x509.load_pem_x509_certificate(authority_pem)
        )
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def is_due(certificate_pem: bytes, *, now: datetime, before: timedelta = RENEW_BEFORE) -> bool:
    """Say whether the certificate has expired or soon will."""
    return x509.load_pem_x509_certificate(certificate_pem).not_valid_after_utc - before < now


def is_too_early(certificate_pem: bytes, *, now: datetime) -> bool:
    """Say whether the certificate is not valid yet."""
    return now < x509.load_pem_x509_certificate(certificate_pem).not_valid_before_utc


def _constraints(host: str) -> x509.NameConstraints:
    # One kind of name is narrowed to one host, the other kind is shut out whole: an address range
    # of everything, or the empty DNS name, which every DNS name lies under.
    everything: list[x509.GeneralName]
    wanted = _general(host)
    if isinstance(wanted, x509.IPAddress):
        permitted: x509.GeneralName = x509.IPAddress(ipaddress.ip_network(host))
        everything = [x509.DNSName("")]
    else:
        permitted = wanted
        everything = [
            x509.IPAddress(ipaddress.ip_network("0.0.0.0/0")),
            x509.IPAddress(ipaddress.ip_network("::/0")),
        ]
    return x509.NameConstraints(permitted_subtrees=[permitted], excluded_subtrees=everything)


def _general(host: str) -> _General:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    now: datetime,
    lifetime: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _ALLOWANCE)
        .not_valid_after(now + lifetime)
    )


def _named(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _own_identifier(key: ec.EllipticCurvePrivateKey) -> x509.SubjectKeyIdentifier:
    return x509.SubjectKeyIdentifier.from_public_key(key.public_key())


# No host name: OpenSSL holds a common name that looks like one against the constraints as well.
_SERVER: Final = _named("Labpass server")


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, password: Secret) -> Pair:
    return Pair(
        certificate=certificate.public_bytes(serialization.Encoding.PEM),
        key=key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(password.reveal().encode()),
        ),
    )
