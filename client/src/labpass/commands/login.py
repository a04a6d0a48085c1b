"""`labpass login`: sign in, in the way this machine allows."""

from dataclasses import replace

import click

from labpass.commands import asking, output, signing_in, surroundings, welcome
from labpass.commands.signing_in import Wish
from labpass.commands.surroundings import Surroundings
from labpass.login import bootstrap, drive, wire
from labpass.login.choice import Method
from labpass.login.wire import Wire
from labpass.problems import UsageProblem
from labpass.session import config, folders
from labpass.session.config import Server


@click.command()
@click.option("--server", metavar="URL[#sha256:FINGERPRINT]", help="Where to sign in.")
@click.option("--browser", "method", flag_value="browser", help="A browser on this machine.")
@click.option("--remote", "method", flag_value="remote", help="A link out, a code back.")
@click.option("--password", "method", flag_value="password", help="User name and password.")
@click.option("--password-stdin", is_flag=True, help="Password, and a new one, line by line.")
@click.option("-u", "--username", metavar="NAME", help="Who signs in (LABPASS_USERNAME).")
@click.option("--profile", metavar="NAME", help="Keep this sign-in apart from others.")
@click.option("--browser-command", metavar="COMMAND", help="Start this browser.")
@click.pass_context
def login(  # noqa: PLR0913 -- one parameter for each option
    ctx: click.Context,
    *,
    server: str | None,
    method: str | None,
    password_stdin: bool,
    username: str | None,
    profile: str | None,
    browser_command: str | None,
) -> None:
    """Sign in to a Labpass server."""
    here = surroundings.with_profile(ctx, profile)
    wish = signing_in.with_environment(
        Wish(
            method=Method(method) if method else None,
            username=username,
            browser_command=browser_command,
        ),
        here,
    )
    if password_stdin:
        wish = _from_stdin(wish)
    there = _server(here, server)
    found = signing_in.sign_in(here, there, wish)
    output.words(welcome.words(ctx, found))


def _from_stdin(wish: Wish) -> Wish:
    """Read the password; a second line is read when a temporary one has to be replaced."""
    if wish.method not in {None, Method.PASSWORD}:
        raise UsageProblem("--password-stdin goes with --password only.")
    if not wish.username:
        raise UsageProblem("--password-stdin needs --username.", hint="labpass login --help")
    first = asking.line_from_stdin()
    if first is None:
        raise UsageProblem(
            "There is no password on stdin.",
            hint=f"labpass login -u {wish.username} --password-stdin < FILE",
        )
    return replace(
        wish, method=Method.PASSWORD, password=first, new_password=asking.line_from_stdin
    )


def _server(here: Surroundings, given: str | None) -> Server:
    """Return the server to sign in to, with its CA pinned if a fingerprint came with it."""
    where = folders.find(here.environment)
    if given is None:
        return config.load(where, here.environment, here.profile)
    address = bootstrap.parse(given)
    if address.fingerprint is None:
        return config.known(where, address.url)
    proxy = wire.proxy_for(address.url, here.environment)
    first = Server(url=address.url)
    with Wire(first, proxy=proxy, context=bootstrap.unverified()) as connection:
        flow = bootstrap.flow(address)
        ca_pem = drive.drive(flow, send=connection.send, answer=drive.unanswered)
    return Server(url=address.url, ca_pem=ca_pem)
