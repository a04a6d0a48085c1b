"""The browser flow: out through a browser on this machine, back to a loopback address."""

from urllib.parse import urlencode

from labpass.login import authority, code_flow, steps
from labpass.login.code_flow import SignedIn
from labpass.login.proof import Proof
from labpass.login.steps import Flow, Visit


def flow(
    issuer: str, proof: Proof, *, redirect_uri: str, username: str | None = None
) -> Flow[SignedIn]:
    """Yield a `Visit`; its answer is the whole URL that the browser came back to, or pasted."""
    endpoints = yield from authority.discover(issuer)
    asked = {k: str(v) for k, v in code_flow.parameters(proof, redirect_uri).items()}
    if username:
        asked["login_hint"] = username
    separator = "&" if "?" in endpoints.authorization else "?"
    url = f"{endpoints.authorization}{separator}{urlencode(asked)}"
    came_back = yield from steps.ask(Visit(url=url))
    code = code_flow.code_from(came_back, issuer=issuer, proof=proof)
    return (yield from code_flow.redeem(endpoints, proof, code, redirect_uri))
