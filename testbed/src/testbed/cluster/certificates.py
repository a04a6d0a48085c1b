"""The cluster's own certificate authority, with names and groups as kubeadm gives them."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from testbed import files

_YEAR = timedelta(days=365)
_SKEW = timedelta(minutes=5)

Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A certificate and its key, on disk, PEM."""

    certificate: Path
    key: Path


class Authority:
    """A certificate authority that signs for one cluster; made anew for every testbed."""

    def __init__(self, name: str, folder: Path, *, now: datetime | None = None) -> None:
        self._folder = folder
        self._now = now or datetime.now(UTC)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(self._name, self._key.public_key(), life=10 * _YEAR)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        self._certificate = builder.add_extension(_usage(signs=True), critical=True).sign(
            self._key, hashes.SHA256()
        )
        self.pair = self._save("ca", self._certificate, self._key)

    def server(self, file: str, *, hosts: Sequence[str]) -> Pair:
        """Sign for a server at ``hosts``, names or addresses; a client too, as etcd's peers are."""
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([_host(host) for host in hosts])
        builder = self._leaf(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, file)]), key)
        builder = builder.add_extension(alternatives, critical=False)
        usages = x509.ExtendedKeyUsage(
            [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
        )
        return self._save(
            file,
            builder.add_extension(usages, critical=False).sign(self._key, hashes.SHA256()),
            key,
        )

    def client(
        self, file: str, *, name: str, groups: Sequence[str] = (), as_kubeadm: bool = False
    ) -> Pair:
        """Sign for user ``name`` in ``groups``; RSA, as kubeadm's, where people see it."""
        key: Key = rsa_key() if as_kubeadm else ec.generate_private_key(ec.SECP256R1())
        subject = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, group) for group in groups]
        subject.append(x509.NameAttribute(NameOID.COMMON_NAME, name))
        builder = self._leaf(x509.Name(subject), key)
        usages = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        return self._save(
            file,
            builder.add_extension(usages, critical=False).sign(self._key, hashes.SHA256()),
            key,
        )

    def _leaf(self, subject: x509.Name, key: Key) -> x509.CertificateBuilder:
        builder = self._builder(subject, key.public_key(), life=_YEAR)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=False, path_length=None), critical=True
        )
        return builder.add_extension(_usage(signs=False), critical=True)

    def _builder(
        self,
        subject: x509.Name,
        public: ec.EllipticCurvePublicKey | rsa.RSAPublicKey,
        *,
        life: timedelta,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _SKEW)
            .not_valid_after(self._now + life)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )

    def _save(self, file: str, certificate: x509.Certificate, key: Key) -> Pair:
        public = certificate.public_bytes(serialization.Encoding.PEM)
        return Pair(
            certificate=files.write(self._folder / f"{file}.crt", public, mode=0o644),
            key=files.write(self._folder / f"{file}.key", private_pem(key)),
        )


def rsa_key() -> rsa.RSAPrivateKey:
    """Return a new key of the size that kubeadm uses."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def private_pem(key: Key) -> bytes:
    """Return the key as kubeadm writes it: PEM, PKCS#1 or SEC 1, without a password."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )


def public_pem(key: Key) -> bytes:
    """Return the public half, PEM."""
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_encipherment=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
