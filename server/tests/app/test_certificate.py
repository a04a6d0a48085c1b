import hashlib
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from labpass.secret import Secret
from labpass_server.app import certificate

NOW = datetime.now(UTC)
PASSWORD = Secret("throw-away")
HOSTS = ["labpass.example.org", "127.0.0.1", "::1", "localhost"]


def verifies(folder: Path, authority: certificate.Pair, pair: certificate.Pair) -> bool:
    (folder / "ca.pem").write_bytes(authority.certificate)
    (folder / "server.pem").write_bytes(pair.certificate)
    command = ["openssl", "verify", "-x509_strict", "-CAfile", "ca.pem", "server.pem"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("host", HOSTS)
def test_the_certificate_is_for_its_host_and_verifies(host: str, tmp_path: Path) -> None:
    authority = certificate.make_authority(host, PASSWORD, now=NOW)
    pair = certificate.make_server(host, authority, PASSWORD, now=NOW)
    assert certificate.is_for(pair.certificate, host)
    assert certificate.constrained_to(authority.certificate, host)
    assert certificate.is_signed_by(pair.certificate, authority.certificate)
    assert verifies(tmp_path, authority, pair)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("other", ["bank.example.com", "127.0.0.2", "2001:db8::1", "example.org"])
def test_a_stolen_authority_cannot_vouch_for_another_host(
    host: str, other: str, tmp_path: Path
) -> None:
    authority = certificate.make_authority(host, PASSWORD, now=NOW)
    pair = certificate.make_server(other, authority, PASSWORD, now=NOW)
    assert not verifies(tmp_path, authority, pair)


def test_private_keys_rest_encrypted() -> None:
    authority = certificate.make_authority("labpass.example.org", PASSWORD, now=NOW)
    assert b"ENCRYPTED PRIVATE KEY" in authority.key
    with pytest.raises(ValueError, match=r"password|decrypt"):
        certificate.make_server(
            "labpass.example.org", authority, Secret("another sealing key"), now=NOW
        )


def test_the_fingerprint_is_the_sha256_of_the_der() -> None:
    authority = certificate.make_authority("::1", PASSWORD, now=NOW)
    der = ssl.PEM_cert_to_DER_cert(authority.certificate.decode())
    assert certificate.fingerprint(authority.certificate) == hashlib.sha256(der).hexdigest()


def test_a_certificate_is_renewed_a_month_before_its_end() -> None:
    authority = certificate.make_authority("::1", PASSWORD, now=NOW)
    pair = certificate.make_server("::1", authority, PASSWORD, now=NOW)
    assert not certificate.is_due(pair.certificate, now=NOW)
    assert certificate.is_due(pair.certificate, now=NOW + timedelta(days=61))


@pytest.mark.parametrize(
    ("host", "matches"),
    [
        ("labpass.example.org", True),
        ("other.example.org", True),
        ("example.org", False),
        ("a.b.example.org", False),
    ],
)
def test_a_wildcard_names_one_level(host: str, *, matches: bool) -> None:
    authority = certificate.make_authority("x.org", PASSWORD, now=NOW)
    pair = certificate.make_server("*.example.org", authority, PASSWORD, now=NOW)
    assert certificate.is_for(pair.certificate, host) is matches
