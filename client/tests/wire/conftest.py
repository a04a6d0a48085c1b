"""A small Labpass server in a thread, TLS from a throw-away CA, and the real programs against it.

The server keeps the wire format of the sign-in and nothing else.
"""

import base64
import hashlib
import http.server
import json
import secrets
import shutil
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

BIN = Path(sys.executable).parent
CLUSTER = "labpass-lab-a-12345678"


@dataclass
class Authority:
    """What the small server knows and how it shall behave; tests read and change it."""

    issuer: str = ""
    passwords: dict[str, str] = field(default_factory=lambda: {"alice": "correct horse battery"})
    temporary: set[str] = field(default_factory=set)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    remote: dict[str, dict[str, str]] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    access_tokens: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    projects: list[dict[str, Any]] = field(default_factory=list)
    no_access: set[str] = field(default_factory=set)
    break_with: Callable[["Handler"], bool] | None = None
    date_offset: timedelta = timedelta()
    cluster_lifetime: int = 900
    ca_pem: str = ""

    def count(self, what: str) -> int:
        """How often a path, or a grant type, was asked for."""
        return sum(what in {path, form.get("grant_type", "")} for path, form in self.requests)


class Handler(http.server.BaseHTTPRequestHandler):
    authority: Authority
    protocol_version = "HTTP/1.1"
    timeout = 20

    def do_GET(self) -> None:
        self._dispatch({})

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode()
        self._dispatch({k: v[0] for k, v in parse_qs(raw).items()})

    def _dispatch(self, form: dict[str, str]) -> None:
        path = urlsplit(self.path).path
        self.authority.requests.append((path, form))
        if self.authority.break_with is not None and self.authority.break_with(self):
            return
        routes: dict[str, Callable[[dict[str, str]], object]] = {
            "/.well-known/openid-configuration": self._discovery,
            "/.well-known/labpass/ca.pem": lambda _: self.send(200, self.authority.ca_pem.encode()),
            "/authorize": self._authorize,
            "/remote": self._remote,
            "/token": self._token,
            "/revoke": self._revoke,
            "/api/v1/me": self._me,
            "/api/v1/me/projects": lambda _: self.json(200, {"items": self.authority.projects}),
        }
        route = routes.get(path)
        if route is None:
            self.json(404, {"error": "not_found"})
        else:
            route(form)

    def json(self, status: int, body: Mapping[str, Any], **headers: str) -> None:
        self.send(
            status, json.dumps(body).encode(), **{"Content-Type": "application/json"}, **headers
        )

    def send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response_only(status)
        dated = datetime.now(UTC) + self.authority.date_offset
        self.send_header("Date", formatdate(dated.timestamp(), usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _discovery(self, _: dict[str, str]) -> None:
        issuer = self.authority.issuer
        self.json(
            200,
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/authorize",
                "token_endpoint": f"{issuer}/token",
                "revocation_endpoint": f"{issuer}/revoke",
            },
        )

    def _authorize(self, form: dict[str, str]) -> None:
        if not form:  # a browser: signed in at once, sent back
            form = {k: v[0] for k, v in parse_qs(urlsplit(self.path).query).items()}
            self._redirect(form, "alice")
            return
        assert self.headers["Labpass-Sign-In"] == "password"
        name, known = form["username"], self.authority.passwords
        if known.get(name) != form["password"]:
            self.json(401, {"error": "invalid_credentials"})
        elif name in self.authority.temporary and "new_password" not in form:
            self.json(403, {"error": "password_change_required"})
        elif len(form.get("new_password", "long enough")) < 8:
            words = "A password has at least 8 characters."
            self.json(400, {"error": "invalid_new_password", "error_description": words})
        else:
            known[name] = form.get("new_password", form["password"])
            self.authority.temporary.discard(name)
            self._redirect(form, name)

    def _redirect(self, form: dict[str, str], name: str) -> None:
        code = secrets.token_urlsafe(16)
        self.authority.codes[code] = {**form, "person": name}
        query = urlencode({"code": code, "state": form["state"], "iss": self.authority.issuer})
        self.send(303, b"", Location=f"{form['redirect_uri']}?{query}")

    def _remote(self, form: dict[str, str]) -> None:
        self.authority.codes["WQ7K3MPX"] = {**form, "person": "alice"}
        self.json(200, {"link": f"{self.authority.issuer}/r/AbCdEfGh", "expires_in": 300})

    def _token(self, form: dict[str, str]) -> None:
        match form["grant_type"]:
            case "authorization_code":
                self._code(form)
            case "refresh_token":
                self._refresh(form)
            case _:
                self._exchange(form)

    def _code(self, form: dict[str, str]) -> None:
        asked = self.authority.codes.pop(form["code"], None)
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            self.json(400, {"error": "invalid_grant", "error_description": "Unknown code"})
            return
        claims = {
            "iss": self.authority.issuer,
            "aud": "labpass",
            "sub": "p-1",
            "nonce": asked["nonce"],
            "preferred_username": asked["person"],
        }
        part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
        self.json(200, {**self._tokens(asked["person"]), "id_token": f"e30.{part}.c2ln"})

    def _refresh(self, form: dict[str, str]) -> None:
        person = self.authority.refresh_tokens.pop(form["refresh_token"], None)
        if person is None:
            self.json(400, {"error": "invalid_grant", "error_description": "The session is over"})
        else:
            self.json(200, self._tokens(person))

    def _tokens(self, person: str) -> dict[str, Any]:
        refresh, access = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        self.authority.refresh_tokens[refresh] = person
        self.authority.access_tokens[access] = person
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": 600,
            "token_type": "Bearer",
        }

    def _exchange(self, form: dict[str, str]) -> None:
        person = self.authority.access_tokens.get(form["subject_token"])
        if person is None:
            self.json(400, {"error": "invalid_grant"})
        elif form["audience"] in self.authority.no_access:
            words = "no access to cluster lab-b; ask carol"
            self.json(400, {"error": "invalid_target", "error_description": words})
        else:
            token = f"{person}.{form['audience']}.{secrets.token_urlsafe(8)}"
            lifetime = self.authority.cluster_lifetime
            self.json(200, {"access_token": token, "token_type": "N_A", "expires_in": lifetime})

    def _revoke(self, form: dict[str, str]) -> None:
        self.authority.refresh_tokens.pop(form["token"], None)
        self.authority.access_tokens.clear()
        self.send(200, b"")

    def _me(self, _: dict[str, str]) -> None:
        person = self.headers.get("Authorization", "").removeprefix("Bearer ").split(".")[0]
        roles = [{"role": "researcher", "scope": "project", "project": "vision"}]
        ends = (datetime.now(UTC) + timedelta(hours=9, minutes=1)).isoformat()
        self.json(
            200,
            {
                "handle": person,
                "display_name": "Alice M",
                "email": None,
                "roles": roles,
                "session_expires_at": ends,
            },
        )

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


class _Quiet(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass


def make_ca() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "throw-away CA")])
    return _certificate(name, name, key, key, is_ca=True), key


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    signer: ec.EllipticCurvePrivateKey,
    *,
    is_ca: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .sign(signer, hashes.SHA256())
    )


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The CA's PEM, and a file with the server's certificate and key."""
    ca, ca_key = make_ca()
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    certificate = _certificate(name, ca.subject, key, ca_key, is_ca=False)
    pem = serialization.Encoding.PEM
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        certificate.public_bytes(pem)
        + key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return ca.public_bytes(pem).decode(), file


@pytest.fixture(scope="session")
def other_ca() -> str:
    """A CA that nobody here trusts."""
    return make_ca()[0].public_bytes(serialization.Encoding.PEM).decode()


@pytest.fixture
def authority(tls: tuple[str, Path]) -> Iterator[Authority]:
    ca_pem, file = tls
    known = Authority(ca_pem=ca_pem)
    handler = type("Handler", (Handler,), {"authority": known})
    server = _Quiet(("127.0.0.1", 0), handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    known.issuer = f"https://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield known
    server.shutdown()
    thread.join()
    server.server_close()


def fingerprint(ca_pem: str) -> str:
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(ca_pem)).hexdigest()


@dataclass(frozen=True)
class Person:
    """Somebody at a machine: a home folder, an environment, and the real programs."""

    home: Path
    environment: dict[str, str]

    def run(
        self, *command: str, stdin: str = "", timeout: float = 60, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of ours to its end, without a terminal."""
        return subprocess.run(
            [str(BIN / command[0]), *command[1:]],
            input=stdin,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            cwd=self.home,
        )

    @property
    def state(self) -> Path:
        return self.home / ".local/state/labpass"

    def age_credentials(self, seconds: int) -> None:
        """Let cached tokens be as if that many seconds were left of them."""
        for path in (self.state / "cred").glob("*.cred"):
            _, _, rest = path.read_text().partition("\n")
            path.write_text(f"{int(time.time()) + seconds}\n{rest}")

    def forget_access_token(self) -> None:
        """Let the next renewal need a refresh."""
        for path in (self.state / "sess").glob("*.json"):
            found = json.loads(path.read_text())
            path.write_text(json.dumps({**found, "access_token": None}))


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TERM": "xterm",
        "NO_PROXY": "127.0.0.1",
    }
    yield Person(home, environment)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def address(authority: Authority) -> str:
    """The server's address as an administrator hands it over."""
    return f"{authority.issuer}#sha256:{fingerprint(authority.ca_pem)}"


@pytest.fixture
def alice(person: Person, address: str) -> Person:
    """alice, signed in."""
    done = person.run(
        "labpass",
        "login",
        "--server",
        address,
        "--password-stdin",
        "-u",
        "alice",
        stdin="correct horse battery\n",
    )
    assert done.returncode == 0, done.stderr
    return person
