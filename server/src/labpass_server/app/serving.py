"""``labpass-server serve``: opens, wires, listens, drains."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
import uvloop

from labpass.secret import Secret
from labpass_server.app import (
    authority,
    certificate,
    folder,
    listening,
    log,
    memory,
    opening,
    set_up_link,
    tls,
    wiring,
)
from labpass_server.kit import clock
from labpass_server.settings import Settings

_RENEW_EVERY: Final = timedelta(hours=6)
_log: Final = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What was opened before anything runs."""

    settings: Settings
    opened: opening.Opened
    parts: authority.Parts
    shown: tls.Tls | None


def run(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; ``say`` prints a line where people look for it."""
    memory.give_back()
    log.set_up(settings.log_format)
    os.umask(0o077)
    with contextlib.ExitStack() as stack:
        folder.make(settings.data)
        if settings.sqlite_file is not None:
            stack.enter_context(folder.held(settings.data / "lock"))
        opened = opening.everything(settings)
        stack.callback(opened.database.close)
        shown = tls.prepare(settings, opened.key, now=clock.now())
        parts = stack.enter_context(wiring.adapters(opened))
        bound = stack.enter_context(contextlib.closing(listening.bind(settings.listen)))
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(
                _serve(
                    Start(settings=settings, opened=opened, parts=parts, shown=shown), bound, say
                )
            )


async def _serve(start: Start, bound: socket.socket, say: Callable[[str], None]) -> None:
    settings, shown = start.settings, start.shown
    private = shown.authority if shown else None
    wired = await wiring.wire(
        settings,
        start.opened,
        start.parts,
        private=private,
        command=_sign_in(settings, private),
    )

    def announce() -> None:
        lines = announcement(settings, private, wired.link, is_terminal=sys.stdout.isatty())
        say("\n".join(lines))
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
        _log.info("stopped")


def announcement(
    settings: Settings, private: bytes | None, link: Secret | None, *, is_terminal: bool
) -> list[str]:
    """Return what a person starting the server is told.

    The set-up link itself only where a terminal shows it: elsewhere standard output is a log.
    """
    lines = ["Labpass is ready.", f"  issuer   {settings.issuer}"]
    if private is not None:
        lines.append(f"  CA       sha256:{certificate.fingerprint(private)}")
    lines.append(f"  sign in  {_sign_in(settings, private)}")
    if link is not None:
        where = f"link in {set_up_link.file(settings)}"
        lines.append(f"  set up   {link.reveal() if is_terminal else where}")
    return lines


def _sign_in(settings: Settings, private: bytes | None) -> str:
    if private is None:
        return f"labpass login --server {settings.issuer}"
    pin = f"#sha256:{certificate.fingerprint(private)}"
    return f"labpass login --server '{settings.issuer}{pin}'"


async def _renew(shown: tls.Tls) -> None:
    while True:
        await asyncio.sleep(_RENEW_EVERY.total_seconds())
        try:
            await asyncio.to_thread(shown.renew, clock.now())
        except Exception:  # noqa: BLE001 -- outermost loop: the old one goes on, and we say so
            _log.exception("certificate not renewed")
