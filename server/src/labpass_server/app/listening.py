"""The socket and the HTTP server around one application; ends politely on SIGTERM."""

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import Final

import uvicorn
from starlette.types import ASGIApp

from labpass_server.app import limits, tls
from labpass_server.model import errors
from labpass_server.settings import Listen

DRAIN_SECONDS: Final = 20
_BACKLOG: Final = 1024
_CONNECTIONS: Final = 2000


def bind(listen: Listen) -> socket.socket:
    """Take the address; raises `Conflict` when somebody else has it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            listen.host, listen.port, type=socket.SOCK_STREAM
        )[0]
        bound = socket.socket(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        raise errors.Conflict(
            f"cannot listen on {listen.host}:{listen.port}: {error.strerror}"
        ) from error
    return bound


class Server(uvicorn.Server):
    """uvicorn's own, which says when it is ready and when it begins to drain."""

    def __init__(
        self, config: uvicorn.Config, *, on_ready: Callable[[], None], on_drain: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._on_drain = on_drain

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Drain on SIGTERM or SIGINT and then end with 0; uvicorn would raise the signal again."""
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self.handle_exit, each, None)
        try:
            yield
        finally:
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(each)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what runs, take nothing new."""
        self._on_drain()
        await super().shutdown(sockets)


def configure(app: ASGIApp, shown: tls.Tls | None) -> uvicorn.Config:
    """Say how one application is served."""
    return uvicorn.Config(
        app,
        http=limits.Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        limit_concurrency=_CONNECTIONS,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        ssl_context_factory=None if shown is None else lambda _config, _default: shown.context,
    )
