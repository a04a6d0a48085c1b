"""The issuer as seen from here, over real TLS: what speaks against it is found before the write."""

import http.server
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from labpass.rollout import trust_issuer
from labpass.trust.config import TrustConfig
from labpass.trust.findings import Severity

NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])


def certified() -> tuple[str, bytes]:
    """A certificate that is its own authority, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), private


@dataclass
class Issuer:
    config: TrustConfig
    discovery: dict[str, Any] = field(default_factory=dict)
    keys: bytes = b'{"keys": [{"kty": "RSA"}]}'
    headers: dict[str, str] = field(default_factory=lambda: {"Cache-Control": "max-age=60"})
    status: int = 200
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def findings(self) -> dict[str, Severity]:
        return {str(one): one.severity for one in trust_issuer.check(self.config, self.now)}


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    authority, key = certified()
    both = tmp_path / "both.pem"
    both.write_bytes(key + authority.encode())

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_keys = self.path == "/jwks"
            body = found.keys if is_keys else json.dumps(found.discovery).encode()
            self.send_response(found.status)
            for name, value in found.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        url = f"https://127.0.0.1:{server.server_port}"
        config = TrustConfig(issuer=url, certificate_authority=authority, audiences=("a",))
        found = Issuer(config=config)
        found.discovery = {
            "issuer": url,
            "jwks_uri": f"{url}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield found
        server.shutdown()
        thread.join()


def test_a_sound_issuer_has_nothing_against_it(issuer: Issuer) -> None:
    assert issuer.findings() == {}


def test_another_name_is_refused_and_the_last_slash_counts(issuer: Issuer) -> None:
    issuer.discovery["issuer"] += "/"
    assert "every sign counts" in str(issuer.findings())


def test_a_certificate_of_somebody_else_is_refused(issuer: Issuer) -> None:
    issuer.config = replace(issuer.config, certificate_authority=certified()[0])
    (said,) = issuer.findings()
    assert "not from the certificate authority of the bundle" in said


def test_a_certificate_that_no_library_reads_is_refused(issuer: Issuer) -> None:
    broken = "-----BEGIN CERTIFICATE-----\nMAcwADAAAwEA\n-----END CERTIFICATE-----\n"
    issuer.config = replace(issuer.config, certificate_authority=broken)
    assert list(issuer.findings()) == ["certificate_authority: cannot be read as certificates"]


def test_an_issuer_that_is_gone_is_refused(issuer: Issuer) -> None:
    issuer.config = replace(issuer.config, issuer="https://127.0.0.1:9")
    (said,) = issuer.findings()
    assert "cannot be reached from here" in said


@pytest.mark.parametrize("minutes", [-5, 5])
def test_a_clock_that_is_off_is_refused(issuer: Issuer, minutes: int) -> None:
    issuer.now += timedelta(minutes=minutes)
    (said,) = issuer.findings()
    assert "s apart" in said


def test_a_page_instead_of_a_document_is_refused(issuer: Issuer) -> None:
    issuer.status = 502
    (said,) = issuer.findings()
    assert "answers HTTP 502" in said


@pytest.mark.parametrize("keys", [b"{}", b'{"keys": []}', b"[]", b"<html>", b"\xff"])
def test_an_issuer_without_keys_is_refused(issuer: Issuer, keys: bytes) -> None:
    issuer.keys = keys
    assert Severity.REFUSED in issuer.findings().values()


@pytest.mark.parametrize("address", [None, "http://127.0.0.1/jwks", 7])
def test_keys_at_no_https_address_are_refused(issuer: Issuer, address: object) -> None:
    issuer.discovery["jwks_uri"] = address
    (said,) = issuer.findings()
    assert "is no https address" in said


@pytest.mark.parametrize("offered", [None, [], ["HS256"], "RS256"])
def test_an_algorithm_that_it_does_not_sign_with_is_refused(
    issuer: Issuer, offered: object
) -> None:
    issuer.discovery["id_token_signing_alg_values_supported"] = offered
    (said,) = issuer.findings()
    assert said.startswith("algorithms:")


def test_keys_without_an_age_are_a_warning(issuer: Issuer) -> None:
    issuer.headers = {}
    assert list(issuer.findings().values()) == [Severity.WARNING]
