"""The driver of `Request`: http.client on one kept connection.

A refresh stands between a person and their kubectl, so this path imports no HTTP library: it costs
less than half of httpx2 before the first byte. Redirects are answers here, never followed: a
sign-in's redirect carries a code, and a redirected POST would carry a password.
"""

import base64
import http.client
import socket
import ssl
import sys
from collections.abc import Mapping
from typing import Final, Protocol, Self
from urllib.parse import SplitResult, unquote, urlencode, urlsplit

from labpass.login.steps import Request, Response
from labpass.problems import Unreachable, UsageProblem
from labpass.secret import Secret

TIMEOUT: Final = 10.0
LARGEST: Final = 1 << 20
AGENT: Final = "labpass"
FINGERPRINT: Final = (
    "Its administrator has a fingerprint for you: "
    "labpass login --server https://ADDRESS#sha256:FINGERPRINT"
)


class Server(Protocol):
    """An address and the CA to trust for it; None trusts what the machine trusts."""

    @property
    def url(self) -> str:
        """The issuer."""

    @property
    def ca_pem(self) -> str | None:
        """The pinned CA."""


class NoAnswer(Unreachable):
    """No answer to a request that was sent: the server may or may not have acted."""


class Wire:
    """Connections to one server. `close` it, or use it as a context manager."""

    def __init__(
        self, server: Server, *, proxy: str | None = None, context: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._proxy = proxy
        self._context = context
        self._connection: http.client.HTTPSConnection | None = None
        self.dated: str | None = None

    def send(self, request: Request) -> Response:
        """Send one request. Raises `Unreachable` with the reason in words."""
        try:
            connection = self._connected()
        except (OSError, http.client.HTTPException, ValueError) as e:
            raise self._in_words(e, Unreachable) from e
        try:
            return self._send(connection, request)
        except http.client.InvalidURL as e:
            self.close()
            raise UsageProblem("A name in this call cannot be part of an address.") from e
        except (OSError, http.client.HTTPException) as e:
            self.close()
            raise self._in_words(e, NoAnswer) from e

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _send(self, connection: http.client.HTTPSConnection, request: Request) -> Response:
        parts = urlsplit(request.url)
        assert parts[:2] == urlsplit(self._server.url)[:2], "one wire speaks to one server"
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"User-Agent": AGENT, "Accept": "application/json", **request.headers}
        body = None
        if request.form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(_revealed(request.form)).encode()
        connection.request("GET" if body is None else "POST", target or "/", body, headers)
        answer = connection.getresponse()
        self.dated = answer.getheader("date") or self.dated
        return Response(
            status=answer.status,
            headers={name.lower(): value for name, value in answer.getheaders()},
            body=answer.read(LARGEST),
        )

    def _connected(self) -> http.client.HTTPSConnection:
        if self._connection is None:
            connection = self._connection_to()
            connection.connect()
            self._connection = connection
        return self._connection

    def _connection_to(self) -> http.client.HTTPSConnection:
        parts = urlsplit(self._server.url)
        context = self._context or context_for(self._server.ca_pem)
        host, port = parts.hostname or "", parts.port or 443
        if self._proxy is None:
            return http.client.HTTPSConnection(host, port, timeout=TIMEOUT, context=context)
        through = urlsplit(self._proxy if "://" in self._proxy else f"http://{self._proxy}")
        connection = http.client.HTTPSConnection(
            through.hostname or "", through.port or 8080, timeout=TIMEOUT, context=context
        )
        connection.set_tunnel(host, port, headers=_proxy_login(through))
        return connection

    def _in_words(self, error: Exception, kind: type[Unreachable]) -> Unreachable:
        """Say what went wrong as a person would; name the proxy, which people forget."""
        url = self._server.url
        proxy = f" through the proxy {_host(self._proxy)}" if self._proxy else ""
        reason, hint = _reason(error)
        return kind(f"Cannot reach {url}{proxy}: {reason}.", hint=hint)


def context_for(ca_pem: str | None) -> ssl.SSLContext:
    """Return a TLS context that trusts the given CA alone, or what this machine trusts."""
    if ca_pem is not None:
        return ssl.create_default_context(cadata=ca_pem)
    if sys.platform == "linux":  # OpenSSL reads the system's own store there
        return ssl.create_default_context()
    import truststore  # noqa: PLC0415 -- the keychain and Windows store; Linux need not pay for it

    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def proxy_for(url: str, environment: Mapping[str, str]) -> str | None:
    """Return the proxy that HTTPS_PROXY and NO_PROXY name for this address."""
    host = urlsplit(url).hostname or ""
    proxy = environment.get("HTTPS_PROXY") or environment.get("https_proxy")
    spared = environment.get("NO_PROXY") or environment.get("no_proxy") or ""
    for name in (part.strip().lstrip(".") for part in spared.split(",")):
        if name and (name in {"*", host} or host.endswith(f".{name}")):
            return None
    return proxy or None


def _revealed(form: Mapping[str, str | Secret]) -> dict[str, str]:
    return {k: v.reveal() if isinstance(v, Secret) else v for k, v in form.items()}


def _host(proxy: str | None) -> str:
    """Return a proxy's host without the password that its URL may hold."""
    try:
        return urlsplit(proxy if proxy and "://" in proxy else f"//{proxy}").hostname or "?"
    except ValueError:
        return "?"


def _proxy_login(proxy: SplitResult) -> dict[str, str]:
    """Return the header for a proxy that wants a name and a password; they stand in its URL."""
    if proxy.username is None:
        return {}
    pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
    return {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}


REASONS: Final[tuple[tuple[type[Exception], str, str], ...]] = (
    (ssl.SSLError, "it does not speak TLS as it should", "Is the port right?"),
    (TimeoutError, f"no answer within {TIMEOUT:.0f} s", "Is a VPN needed?"),
    (socket.gaierror, "there is no host of that name", "Is the name right? Is a VPN needed?"),
    (ConnectionRefusedError, "nothing answers at that port", "Does the server run?"),
    (ConnectionError, "the connection broke off", "Try again."),
    (http.client.HTTPException, "what answers there does not speak HTTP", "Is the port right?"),
)


def _reason(error: Exception) -> tuple[str, str]:
    """Return the reason and what to look at; the most particular one stands first."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error)
    for kind, words, hint in REASONS:
        if isinstance(error, kind):
            return words, hint
    if str(error).startswith("Tunnel connection failed"):  # http.client's only words for it
        return f"the proxy says: {error}", "Is HTTPS_PROXY right?"
    if isinstance(error, ValueError):
        return "HTTPS_PROXY is no address", "It looks like http://proxy.example.org:3128"
    return getattr(error, "strerror", None) or type(error).__name__, ""


def _certificate(error: ssl.SSLCertVerificationError) -> tuple[str, str]:
    words = error.verify_message
    if "not yet valid" in words or "expired" in words:
        return f"its certificate is not valid now ({words})", "Is this machine's clock right?"
    if "self-signed" in words or "unable to get" in words:
        return "its certificate is from a CA that is not trusted here", FINGERPRINT
    return f"its certificate does not fit ({words})", ""
