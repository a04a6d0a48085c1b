"""``labpass-server serve``: opens, wires, listens, drains."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Final

import structlog
import uvloop

from labpass_server.app import certificate, folder, listening, log, opening, tls, wiring
from labpass_server.kit import clock
from labpass_server.settings import BehindProxy, Settings

_RENEW_EVERY: Final = timedelta(hours=6)
_log: Final = structlog.get_logger()


def run(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``say`` prints a line where people look for it."""
    log.set_up(settings.log_format)
    os.umask(0o077)
    with contextlib.ExitStack() as stack:
        folder.make(settings.data)
        if settings.sqlite_file is not None:
            stack.enter_context(folder.held(settings.data / "lock"))
        opened = opening.everything(settings, now=clock.now())
        stack.callback(opened.database.close)
        shown = tls.prepare(settings, opened.key, now=clock.now())
        bound = stack.enter_context(contextlib.closing(listening.bind(settings.listen)))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, opened, shown, bound, say))


async def _serve(
    settings: Settings,
    opened: opening.Opened,
    shown: tls.Tls | None,
    bound: socket.socket,
    say: Callable[[str], None],
) -> None:
    wired = await wiring.wire(settings, opened, authority=shown.authority if shown else None)

    def announce() -> None:
        for line in announcement(settings, opened, shown, is_terminal=sys.stdout.isatty()):
            say(line)
        _log.info("ready", issuer=settings.issuer)

    server = listening.Server(
        listening.configure(wired.app, shown), on_ready=announce, on_drain=wired.health.drain
    )
    tasks = [asyncio.create_task(loop()) for loop in wired.loops]
    if shown is not None:
        tasks.append(asyncio.create_task(_renew(shown)))
    try:
        await server.serve(sockets=[bound])
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await wired.close()
        _log.info("stopped")


def announcement(
    settings: Settings, opened: opening.Opened, shown: tls.Tls | None, *, is_terminal: bool
) -> list[str]:
    """Return what a person starting the server is told.

    The set-up link itself only where a terminal shows it: elsewhere standard output is a log.
    """
    lines = ["Labpass is ready.", f"  issuer   {settings.issuer}"]
    server = settings.issuer
    if shown is not None and shown.authority is not None:
        fingerprint = certificate.fingerprint(shown.authority)
        lines.append(f"  CA       sha256:{fingerprint}")
        server = f"{server}#sha256:{fingerprint}"
    lines.append(f"  sign in  labpass login --server '{server}'")
    if opened.link is not None:
        where = opening.link_file(settings)
        lines.append(f"  set up   {opened.link.reveal() if is_terminal else f'link in {where}'}")
    if isinstance(settings.transport, BehindProxy):
        lines.append("  TLS      ends at your proxy")
    return lines


async def _renew(shown: tls.Tls) -> None:
    while True:
        await asyncio.sleep(_RENEW_EVERY.total_seconds())
        try:
            await asyncio.to_thread(shown.renew, clock.now())
        except Exception:  # noqa: BLE001 -- outermost loop: the old one goes on, and we say so
            _log.exception("certificate not renewed")
