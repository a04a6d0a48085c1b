"""A small HTTPS server in a thread, with a throw-away CA, that answers as a test wants."""

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answer = tuple[int, Any]


@dataclass
class Issued:
    certificate_pem: str
    key_pem: str


class Authority:
    """A CA of its own for one session."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throw-away")])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        self._certificate = self._builder(self._name, self._key).add_extension(constraints, True)
        self.pem = _pem(self._certificate.sign(self._key, hashes.SHA256()))

    def issue(self, name: str, *hosts: str) -> Issued:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        builder = self._builder(subject, key)
        if hosts:
            builder = builder.add_extension(x509.SubjectAlternativeName(_names(hosts)), False)
        signed = builder.sign(self._key, hashes.SHA256())
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return Issued(_pem(signed), private.decode())

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey
    ) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(minutes=5))
            .not_valid_after(now + dt.timedelta(hours=1))
        )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _names(hosts: tuple[str, ...]) -> list[x509.GeneralName]:
    return [
        x509.IPAddress(ipaddress.ip_address(host)) if host[0].isdigit() else x509.DNSName(host)
        for host in hosts
    ]


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str
    client: str


@dataclass
class Double:
    """What was asked, and what is answered: by path, or by a function of what was asked."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    answer: Callable[[Asked], Answer] = lambda _: (200, {})

    @property
    def paths(self) -> list[str]:
        return [f"{each.method} {each.path}" for each in self.asked]


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def server(authority: Authority, tmp_path: Path) -> Iterator[Double]:
    yield from serve(authority, tmp_path, "127.0.0.1")


@pytest.fixture
def named_server(authority: Authority, tmp_path: Path) -> Iterator[Double]:
    """A server whose certificate names another host than its address."""
    yield from serve(authority, tmp_path, "kubernetes.example")


class Quiet(ThreadingHTTPServer):
    """Says nothing about a client that hangs up, which some tests make it do."""

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing."""


def serve(authority: Authority, folder: Path, host: str) -> Iterator[Double]:
    issued = authority.issue("server", host)
    (folder / "server.pem").write_text(issued.certificate_pem + issued.key_pem)
    (folder / "ca.pem").write_text(authority.pem)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=folder / "ca.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    context.load_cert_chain(folder / "server.pem")
    double = Double()
    listening = Quiet(("127.0.0.1", 0), handler(double))
    listening.daemon_threads = True
    listening.socket = context.wrap_socket(
        listening.socket, server_side=True, do_handshake_on_connect=False
    )
    double.url = f"https://127.0.0.1:{listening.server_port}"
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield double
    listening.shutdown()
    thread.join()
    listening.server_close()


def handler(double: Double) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer_it(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            connection = self.connection
            assert isinstance(connection, ssl.SSLSocket)
            asked = Asked(
                method=self.command,
                path=self.path,
                headers={key.lower(): value for key, value in self.headers.items()},
                body=self.rfile.read(length).decode(),
                client=_common_name(connection.getpeercert()),
            )
            double.asked.append(asked)
            status, body = double.answer(asked)
            sent = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- its name there
            """Say nothing."""

    for method in ("GET", "POST", "PATCH", "PUT", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer_it)
    return Handler


def _common_name(certificate: Any) -> str:
    found = dict(pair for parts in (certificate or {}).get("subject", ()) for pair in parts)
    return str(found.get("commonName", ""))
