"""The end of a sign-in: at the server first, then on this machine."""

from labpass.commands.surroundings import Surroundings
from labpass.login import drive, renewal, wire
from labpass.login.wire import Wire
from labpass.problems import Problem, Unreachable
from labpass.session import config, credentials, folders, held, locks, profiles, store
from labpass.session.folders import Folders
from labpass.session.store import Session


def here_only(here: Surroundings) -> Session | None:
    """Forget this profile's sign-in without asking its server; also one that is damaged."""
    where = folders.find(here.environment)
    issuer = config.load(where, here.environment, here.profile).url
    with locks.hold(store.lock(where, issuer=issuer, profile=here.profile)):
        try:
            found = store.load(where, issuer=issuer, profile=here.profile)
        except Problem:
            found = None
        _forget(where, issuer, here.profile)
    return found


def one(here: Surroundings) -> Session | None:
    """End this profile's session and return it. Raises `Unreachable` where the server did not."""
    where = folders.find(here.environment)
    issuer = config.load(where, here.environment, here.profile).url
    return _end(here, where, issuer, here.profile)


def every(here: Surroundings) -> tuple[list[Session], list[str]]:
    """End every session of this person; returns those that ended, and why others did not."""
    where = folders.find(here.environment)
    ended, troubles = [], []
    for issuer, profile in store.known(where):
        try:
            found = _end(here, where, issuer, profile)
        except Problem as e:
            troubles.append(e.message)
        else:
            ended += [found] if found is not None else []
    return ended, troubles


def forget_everything(here: Surroundings) -> None:
    """Forget every sign-in and token on this machine, whatever state they are in."""
    where = folders.find(here.environment)
    store.delete_all(where)
    credentials.delete_all(where)


def _end(here: Surroundings, where: Folders, issuer: str, profile: str) -> Session | None:
    server = config.known(where, issuer)
    with locks.hold(store.lock(where, issuer=issuer, profile=profile)):
        found = store.load(where, issuer=issuer, profile=profile)
        if found is not None:
            with Wire(server, proxy=wire.proxy_for(issuer, here.environment)) as connection:
                trouble = at_server(connection, found)
            if trouble:
                hint = profiles.command("logout --local", profile)
                raise Unreachable(trouble, hint=f"To forget it on this machine: {hint}")
        _forget(where, issuer, profile)
    return found


def _forget(where: Folders, issuer: str, profile: str) -> None:
    held.forget(where, issuer=issuer, profile=profile)
    store.delete(where, issuer=issuer, profile=profile)


def at_server(connection: Wire, session: Session) -> str:
    """Revoke a session; returns why it could not be done, or nothing."""
    flow = renewal.revoke(session.revocation_endpoint, session.refresh_token)
    try:
        done = drive.drive(flow, send=connection.send, answer=drive.unanswered)
    except Problem as e:
        return e.message
    return "" if done else f"{session.issuer} did not confirm that the session ended."
