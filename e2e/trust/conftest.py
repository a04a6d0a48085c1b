"""A small real issuer: https, its own certificate authority, keys made for this run.

It speaks discovery and JWKS, as an API server asks them, and signs whatever a test wishes.
"""

import datetime as dt
import hashlib
import http.server
import ipaddress
import json
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwk, jwt

from labpass.rollout import trust_server
from labpass.rollout.trust_server import ApiServer
from testbed import document, lifecycle
from testbed.programs import Programs

LOOPBACK = "127.0.0.1"
AUDIENCE = "labpass-cluster-1-3f9c1e7b"


@dataclass
class Issuer:
    """``changes`` override fields of discovery."""

    url: str
    authority: str
    key: jwk.RSAKey
    changes: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def answer(self, path: str) -> bytes | None:
        self.asked.append(path)
        match path:
            case "/.well-known/openid-configuration":
                document = {
                    "issuer": self.url,
                    "jwks_uri": f"{self.url}/jwks",
                    "response_types_supported": ["code"],
                    "subject_types_supported": ["public"],
                    "id_token_signing_alg_values_supported": ["RS256"],
                }
                return json.dumps(document | self.changes).encode()
            case "/jwks":
                return json.dumps({"keys": [self.key.as_dict(private=False)]}).encode()
            case _:
                return None

    def token(self, audience: str = AUDIENCE, **claims: Any) -> str:
        now = int(time.time())
        said = {
            "iss": self.url,
            "sub": "canary",
            "aud": audience,
            "iat": now,
            "exp": now + 900,
            "preferred_username": "canary",
            "groups": ["canary"],
        }
        header = {"alg": "RS256", "kid": self.key.kid, "typ": "JWT"}
        return jwt.encode(header, said | claims, self.key)

    def bundle(self, **changes: Any) -> dict[str, Any]:
        expires = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=15)
        return {
            "cluster": "cluster-1",
            "trust": {
                "issuer": self.url,
                "certificate_authority": self.authority,
                "audiences": [AUDIENCE],
                "username_claim": "preferred_username",
                "username_prefix": "labpass:",
                "groups_claim": "groups",
                "groups_prefix": "labpass:",
                "algorithms": ["RS256"],
            }
            | changes,
            "canary": {
                "token": self.token(),
                "wrong_audience_token": self.token("labpass-another-00000000"),
                "username": "labpass:canary",
                "groups": ["labpass:canary"],
                "expires_at": expires.isoformat(),
            },
        }


def certificate_authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    return _signed("Throw-away CA", key, None, key, path_length=0), key


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    path_length: int | None = None,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    is_authority = issuer is None
    address = x509.IPAddress(ipaddress.ip_address(LOOPBACK))
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.BasicConstraints(is_authority, path_length), critical=True)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
        .sign(issuer_key, hashes.SHA256())
    )


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[Issuer]:
    with serving(tmp_path / "issuer.pem") as found:
        yield found


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Issuer]:
    """Another issuer that was there first."""
    with serving(tmp_path / "company.pem") as found:
        yield found


@contextmanager
def serving(both: Path) -> Iterator[Issuer]:
    authority, authority_key = certificate_authority()
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = _signed(LOOPBACK, key, authority, authority_key)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    both.write_bytes(private + pem(leaf).encode())
    signing = jwk.RSAKey.generate_key(2048, auto_kid=True)
    found = Issuer(url="", authority=pem(authority), key=signing)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = found.answer(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Cache-Control", "max-age=60")
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name there
            pass

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    found.url = f"https://{LOOPBACK}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


EMPTY = b"apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt: []\n"


@dataclass
class Place:
    """The cluster under test, with a bundle of the issuer, and labpass to run on it."""

    file: Path
    break_glass: Path
    folder: Path
    server: ApiServer
    empty: bytes = EMPTY

    @property
    def backups(self) -> Path:
        return self.folder / "backups"

    def command(self, *words: str, bundle: dict[str, Any]) -> list[str]:
        path = self.folder / "bundle.json"
        path.write_text(json.dumps(bundle))
        path.chmod(0o600)
        program = str(Path(sys.executable).with_name("labpass"))
        given = ["--bundle", str(path), "--config-file", str(self.file)]
        return [program, "trust", *words, *given, "--break-glass", str(self.break_glass)]

    def run(self, *words: str, bundle: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*words, bundle=bundle),
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )

    def apply(self, bundle: dict[str, Any]) -> "subprocess.CompletedProcess[str]":
        return self.run("apply", "--yes", "--backup", str(self.backups), bundle=bundle)

    def runs(self, content: bytes) -> bool:
        return self.server.reloads().hashes == (f"sha256:{hashlib.sha256(content).hexdigest()}",)

    def load(self, content: bytes) -> None:
        beside = self.file.with_name(".new")
        beside.write_bytes(content)
        beside.rename(self.file)
        wait_for(lambda: self.runs(content), 150)

    def settle(self) -> None:
        wait_for(lambda: self.runs(self.file.read_bytes()), 150)


def wait_for(is_so: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.1)


@pytest.fixture(scope="session")
def own_cluster(
    programs: Programs, testbed_states: Callable[[str], Path]
) -> Iterator[document.Cluster]:
    """One cluster whose authentication configuration these tests change."""
    wanted = lifecycle.Wanted(state=testbed_states("trust"), programs=programs, bare=True)
    with lifecycle.running(wanted) as found:
        yield found.clusters[0]


@pytest.fixture
def place(own_cluster: document.Cluster, tmp_path: Path) -> Iterator[Place]:
    """A cluster that trusts nobody."""
    assert own_cluster.authentication_config is not None
    server = trust_server.connect(own_cluster.break_glass_kubeconfig)
    found = Place(
        file=own_cluster.authentication_config,
        break_glass=own_cluster.break_glass_kubeconfig,
        folder=tmp_path,
        server=server,
    )
    found.load(EMPTY)
    yield found
    server.close()


@pytest.fixture(scope="session")
def authority_pem() -> str:
    return pem(certificate_authority()[0])
