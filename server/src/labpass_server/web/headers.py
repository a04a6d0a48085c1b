"""Security headers: what every answer carries, and the two content security policies.

Sources: OWASP secure headers; Content Security Policy Level 3; RFC 6797 (HSTS).
"""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONSOLE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
_SIGN_IN_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "frame-ancestors 'none'; base-uri 'none'; form-action "
)
_ORIGIN: Final = re.compile(r"https?://(?:\[[0-9a-f:]+\]|[a-z0-9.-]+)(?::[0-9]{1,5})?")
_NATIVE: Final = re.compile(r"[a-z][a-z0-9+-]*\.[a-z0-9.+-]+")  # RFC 8252 §7.1: has a dot
_ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
    "Content-Security-Policy": CONSOLE_POLICY,
}
_HSTS: Final = "max-age=31536000"


def sign_in_policy(form_action: Sequence[str] = ()) -> str:
    """Return the policy of a page before sign-in.

    ``form_action`` lists redirect URIs or origins that the door has validated for this request.
    Chromium applies form-action to the redirect after a POST too, so without them it drops the
    answer. Raises `ValueError` for anything that is neither an http(s) origin nor a native
    program's own scheme: a policy is no place for text from a request.
    """
    return _SIGN_IN_POLICY + " ".join(["'self'", *(_source(uri) for uri in form_action)])


def _source(uri: str) -> str:
    parts = urlsplit(uri)
    if _NATIVE.fullmatch(parts.scheme):
        return f"{parts.scheme}:"
    origin = f"{parts.scheme}://{parts.netloc}".lower()
    if not _ORIGIN.fullmatch(origin):
        raise ValueError("not an http(s) origin")
    if parts.netloc.startswith(
        "["
    ):  # the grammar knows no IPv6; any host on that port is the least
        return f"{parts.scheme}://*:{parts.port or 80}"
    return origin


def may_pin_https(origin: str) -> bool:
    """Say whether HSTS is safe for this host.

    For ``localhost`` it would send every other loopback listener of that browser, kubelogin's
    among them, to https, whatever its port. For addresses browsers ignore it.
    """
    host = urlsplit(origin).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False


class Headers:
    """ASGI middleware: sets what every answer carries, unless the answer has set it itself."""

    def __init__(self, app: ASGIApp, *, origin: str) -> None:
        self.app = app
        self._defaults = dict(_ALWAYS)
        if may_pin_https(origin):
            self._defaults["Strict-Transport-Security"] = _HSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application and fill in its headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._defaults.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
