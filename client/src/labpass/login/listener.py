"""The loopback listener of the browser flow: one port on this machine, one answer, then gone.

Only a GET of ``/callback`` with this sign-in's ``state`` is an answer. Everything else, a favicon,
a HEAD from a link checker, a browser's idle spare connection, a page that guesses the port, gets a
plain refusal and uses nothing up.
"""

import hmac
import http.server
import os
import socket
import threading
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

PATH: Final = "/callback"
PAGE: Final = (
    "<!doctype html><html lang=en><meta charset=utf-8><title>Labpass</title>"
    "<body><h1>Back to the terminal</h1>"
    "<p>The answer has arrived there. You can close this window.</p></body></html>"
)
HEADERS: Final = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Connection": "close",
}


class Listener:
    """Listens from its start to its end; `answer` is the URL that came back, `ready` a file number.

    ``ready`` becomes readable when the answer is there, so that it can be waited for beside the
    keyboard.
    """

    def __init__(self, state: str) -> None:
        self.answer: str | None = None
        self.ready, self._told = os.pipe()
        handler: Any = type(
            "Handler", (_Handler,), {"state": state, "take": staticmethod(self._take)}
        )
        self._server = _bind(handler)
        host, port = self._server.server_address[:2]
        self._authority = f"[{host!s}]:{port}" if ":" in str(host) else f"{host!s}:{port}"
        handler.authority = self._authority
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )

    @property
    def redirect_uri(self) -> str:
        """Where the browser comes back to. A literal address: names can be pointed elsewhere."""
        return f"http://{self._authority}{PATH}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        os.close(self._told)
        os.close(self.ready)

    def _take(self, target: str) -> None:
        """Keep the first answer and wake who waits."""
        if self.answer is None:
            self.answer = f"http://{self._authority}{target}"
            os.write(self._told, b".")


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a browser's idle connection must not keep the command alive

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a broken connection of a browser is no news."""


class _Server6(_Server):
    address_family = socket.AF_INET6


def _bind(handler: Any) -> _Server:
    """Take a free port of 127.0.0.1, or of ::1 where there is no IPv4."""
    try:
        return _Server(("127.0.0.1", 0), handler)
    except OSError:
        return _Server6(("::1", 0), handler)


class _Handler(http.server.BaseHTTPRequestHandler):
    timeout = 5
    state: str
    take: Any
    authority: str

    def do_GET(self) -> None:
        """Take the answer, or refuse."""
        parts = urlsplit(self.path)
        if parts.path != PATH or not self._is_for_us():
            self._reply(404, "Not here.")
            return
        given = parse_qs(parts.query).get("state", [""])[0]
        if not hmac.compare_digest(given.encode(), self.state.encode()):
            self._reply(400, "This answer does not belong to the sign-in that waits here.")
            return
        self._reply(200, PAGE)
        self.take(self.path)

    def do_HEAD(self) -> None:
        """Answer without using anything up."""
        self._reply(200, "")

    def do_OPTIONS(self) -> None:
        """Answer without allowing anything."""
        self._reply(204, "")

    def _is_for_us(self) -> bool:
        """Refuse a name that was pointed at the loopback address (DNS rebinding)."""
        return self.headers.get("Host") == self.authority

    def _reply(self, status: int, text: str) -> None:
        self.send_response_only(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        body = text.encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 -- http.server's name
        """Log nothing: the request line holds the code."""
