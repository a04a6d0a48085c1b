"""The remote browser flow: a short link out, a code back.

The server keeps the request and binds the code to this program's PKCE challenge, so a code that was
read over somebody's shoulder is of no use elsewhere.
"""

from dataclasses import replace
from typing import Final

from labpass.login import answers, authority, code_flow, steps
from labpass.login.authority import Endpoints
from labpass.login.code_flow import SignedIn, SignInRefused
from labpass.login.proof import Proof
from labpass.login.steps import Flow, Link, Request
from labpass.secret import Secret

TRIES: Final = 3
LIFETIME: Final = 300
_REFUSED: Final = "That code was not taken: mistyped, cancelled, used or too old. Try once more."


def flow(issuer: str, proof: Proof, *, machine: str, username: str | None = None) -> Flow[SignedIn]:
    """Yield a `Link`; its answer is the code, in any case, with or without its dash."""
    endpoints = yield from authority.discover(issuer)
    redirect_uri = f"{issuer}/code"
    link = yield from _store(issuer, proof, redirect_uri, machine=machine, username=username)
    for left in reversed(range(TRIES)):
        typed = yield from steps.ask(link)
        try:
            return (yield from _redeem(endpoints, proof, typed, redirect_uri))
        except SignInRefused:
            if not left:
                raise
            link = replace(link, refused=_REFUSED)
    raise AssertionError("the last try returns or raises")


def _store(
    issuer: str, proof: Proof, redirect_uri: str, *, machine: str, username: str | None
) -> Flow[Link]:
    """Leave the authorize request at the server and get the short link for it."""
    form = {**code_flow.parameters(proof, redirect_uri), "machine": machine}
    if username:
        form["login_hint"] = username
    response = yield from steps.fetch(Request(url=f"{issuer}/remote", form=form))
    if response.status == 429:  # noqa: PLR2004 -- Too Many Requests
        raise code_flow.throttled(response)
    code_flow.check(response, f"{issuer}/remote")
    found = answers.json_of(response, issuer)
    return Link(
        url=answers.text(found, "link", issuer),
        seconds=int(answers.seconds(found, "expires_in", otherwise=LIFETIME).total_seconds()),
    )


def _redeem(endpoints: Endpoints, proof: Proof, typed: str, redirect_uri: str) -> Flow[SignedIn]:
    code = Secret("".join(c for c in typed.upper() if c.isalnum()))
    return (yield from code_flow.redeem(endpoints, proof, code, redirect_uri))
