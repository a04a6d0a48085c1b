"""One sign-in from its start to the files it leaves; for `login` and for a plugin's own call.

Nothing is written before it has succeeded: until then an earlier session stays what it was.
"""

import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace

import click

from labpass.commands import asking, signing_out
from labpass.commands.surroundings import Surroundings
from labpass.login import browser, choice, drive, password, proof, remote, wire
from labpass.login.choice import Method
from labpass.login.code_flow import SignedIn
from labpass.login.listener import Listener
from labpass.login.steps import NewPassword, Question
from labpass.login.wire import Wire
from labpass.problems import NotSignedIn, Problem
from labpass.secret import Secret
from labpass.session import config, demand, folders, held, locks, store
from labpass.session.config import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How somebody wants to sign in. What is not given is asked, or chosen."""

    method: Method | None = None
    username: str | None = None
    password: Secret | None = None
    new_password: Callable[[], Secret | None] | None = None
    browser_command: str | None = None


def sign_in(here: Surroundings, server: Server, wish: Wish) -> SignedIn:
    """Sign in and keep the session. Raises `Problem`; a failure is noted for `session.demand`."""
    where, profile = folders.find(here.environment), here.profile
    try:
        with Wire(server, proxy=wire.proxy_for(server.url, here.environment)) as connection:
            found = _run(here, connection, server.url, wish)
            _keep(here, server, found, connection)
    except Problem:
        demand.note_failure(where, issuer=server.url, profile=profile, now=here.now())
        raise
    demand.note_success(where, issuer=server.url, profile=profile)
    return found


def _run(here: Surroundings, connection: Wire, issuer: str, wish: Wish) -> SignedIn:
    """Run the wished method; where none was wished, Ctrl-C at the browser means the next one."""
    terminal = sys.stdin.isatty() and sys.stderr.isatty()
    chosen = wish.method or choice.choose(
        here.environment, platform=sys.platform, is_terminal=terminal
    )
    try:
        return _by(chosen, here, connection, issuer, wish)
    except KeyboardInterrupt:
        if wish.method is not None or chosen is not Method.BROWSER:
            raise
    click.echo("\nWithout a browser here, then. Ctrl-C again to stop.\n", err=True)
    return _by(Method.REMOTE, here, connection, issuer, wish)


def _by(method: Method, here: Surroundings, connection: Wire, issuer: str, wish: Wish) -> SignedIn:
    match method:
        case Method.BROWSER:
            return _by_browser(here, connection, issuer, wish)
        case Method.REMOTE:
            flow = remote.flow(
                issuer, proof.new(), machine=socket.gethostname(), username=wish.username
            )
            return drive.drive(flow, send=connection.send, answer=asking.answer)
        case Method.PASSWORD:
            return _by_password(connection, issuer, wish)


def _by_browser(here: Surroundings, connection: Wire, issuer: str, wish: Wish) -> SignedIn:
    mine = proof.new()
    with Listener(mine.state) as listener:
        flow = browser.flow(
            issuer, mine, redirect_uri=listener.redirect_uri, username=wish.username
        )
        person = asking.Browser(listener, dict(here.environment), wish.browser_command)
        return drive.drive(flow, send=connection.send, answer=person.answer)


def _by_password(connection: Wire, issuer: str, wish: Wish) -> SignedIn:
    name = wish.username or asking.username()
    given = wish.password or Secret(asking.password())
    flow = password.flow(issuer, proof.new(), username=name, password=given)
    answer = asking.answer if wish.new_password is None else _Scripted(wish.new_password).answer
    return drive.drive(flow, send=connection.send, answer=answer)


class _Scripted:
    """Answers for a script: with the new password that comes on stdin, once."""

    def __init__(self, ask: Callable[[], Secret | None]) -> None:
        self._ask = ask

    def answer(self, question: Question) -> str:
        assert isinstance(question, NewPassword)
        if question.refused:
            raise NotSignedIn(question.refused, hint="The old password still holds.")
        new = self._ask()
        if new is None:
            raise NotSignedIn(
                "This password is temporary and has to be replaced.",
                hint="Give the new one as the second line on stdin, or sign in at a terminal.",
            )
        return new.reveal()


def _keep(here: Surroundings, server: Server, found: SignedIn, connection: Wire) -> None:
    """Save the new session, forget every token of the old one, and end that at the server."""
    where, now, profile = folders.find(here.environment), here.now(), here.profile
    session = store.Session(
        issuer=server.url,
        profile=profile,
        handle=found.handle,
        person=found.person,
        token_endpoint=found.endpoints.token,
        revocation_endpoint=found.endpoints.revocation,
        refresh_token=found.refresh_token,
        signed_in_at=now,
        access_token=found.access_token,
        access_expires_at=now + found.access_lifetime,
    )
    with locks.hold(store.lock(where, issuer=server.url, profile=profile)):
        earlier = _earlier(where, server, profile)
        store.save(where, session)
        named = here.environment.get("LABPASS_SERVER", "").rstrip("/")
        config.save(where, profile, server, is_chosen=server.url != named)
        held.forget(where, issuer=server.url, profile=profile)
    if earlier is not None:
        signing_out.at_server(connection, earlier)


def _earlier(where: folders.Folders, server: Server, profile: str) -> store.Session | None:
    """Return the session that is being replaced; a damaged one is none."""
    try:
        return store.load(where, issuer=server.url, profile=profile)
    except Problem:
        return None


def with_environment(wish: Wish, here: Surroundings) -> Wish:
    """Fill in what the environment says: LABPASS_USERNAME."""
    return replace(wish, username=wish.username or here.environment.get("LABPASS_USERNAME"))
