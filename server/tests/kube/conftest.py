"""A real HTTPS server in a thread that answers as no API server should."""

import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from labpass.secret import Secret
from labpass_server.model.cluster import Credential

Answer: TypeAlias = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Asked:
    """One request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class Double:
    """What it answers, by method and path without its query; ``asked`` is what came."""

    url: str
    ca: str
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def credential(self) -> Credential:
        return Credential(server=self.url, certificate_authority=self.ca, token=Secret("t0ken"))

    def says(self, path: str, body: Any, status: int = 200, *, method: str = "GET") -> None:
        """Answer JSON."""
        self.answers[method, path] = said(body, status)


def said(body: Any, status: int = 200, **headers: str) -> Answer:
    return raw(json.dumps(body).encode(), status, **headers)


def raw(content: bytes, status: int = 200, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.fixture
def answering() -> tuple[Callable[..., Answer], Callable[..., Answer]]:
    """Make answers: of JSON, of bytes."""
    return said, raw


@pytest.fixture(scope="session")
def issued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A certificate with its key in a file, and the same certificate as its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "double")])
    now = dt.datetime.now(dt.UTC)
    host = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([host]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = tmp_path_factory.mktemp("double") / "both.pem"
    file.write_bytes(private + pem)
    return file, pem.decode()


@pytest.fixture
def double(issued: tuple[Path, str]) -> Iterator[Double]:
    file, pem = issued
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.daemon_threads = True
    made = Double(url=f"https://127.0.0.1:{server.server_port}", ca=pem)
    server.double = made  # type: ignore[attr-defined] # how its handlers find it
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        double: Double = self.server.double  # type: ignore[attr-defined] # see above
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        double.asked.append(Asked(self.command, self.path, headers, body))
        path = self.path.partition("?")[0]
        missing = said({"message": f"no {path}"}, 404)
        try:
            double.answers.get((self.command, path), missing)(self)
        except OSError:  # the other side had enough
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 -- http.server's own names

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
