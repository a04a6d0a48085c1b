"""User name and password, as an ordinary code flow.

The credentials go in the body of a POST to the authorize endpoint, with a header that no foreign
page can send; the redirect that answers is read, not followed. PKCE, throttling and audit stay on
the one path that every sign-in takes. A temporary password is replaced in the same sign-in.
"""

from typing import Final

from labpass.login import answers, authority, code_flow, steps
from labpass.login.answers import NotOurs
from labpass.login.authority import Endpoints
from labpass.login.code_flow import SignedIn, SignInRefused
from labpass.login.proof import Proof
from labpass.login.steps import Flow, NewPassword, Request, Response
from labpass.problems import NotSignedIn
from labpass.secret import Secret

HEADERS: Final = {"Labpass-Sign-In": "password"}
SEE_OTHER: Final = 303
TOO_MANY: Final = 429
CHANGES: Final = 3  # new passwords a person may try before the sign-in ends


class WrongPassword(NotSignedIn):
    """No such person, or not their password; the server does not say which."""


def flow(issuer: str, proof: Proof, *, username: str, password: Secret) -> Flow[SignedIn]:
    """Yield `NewPassword` where the password is temporary; its answer is the new one."""
    endpoints = yield from authority.discover(issuer)
    redirect_uri = f"{issuer}/code"
    form = {
        **code_flow.parameters(proof, redirect_uri),
        "username": username,
        "password": password,
    }
    code = yield from _authorize(endpoints, proof, form)
    return (yield from code_flow.redeem(endpoints, proof, code, redirect_uri))


def _authorize(endpoints: Endpoints, proof: Proof, form: dict[str, str | Secret]) -> Flow[Secret]:
    """Send the credentials, and a new password as often as the server wants another one."""
    for _ in range(CHANGES + 1):
        request = Request(url=endpoints.authorization, form=form, headers=HEADERS)
        response = yield from steps.fetch(request)
        if response.status == SEE_OTHER:
            location = response.headers.get("location", "")
            return code_flow.code_from(location, issuer=endpoints.issuer, proof=proof)
        refused = _refusal(response, endpoints)
        new = yield from steps.ask(NewPassword(refused=refused))
        form = {**form, "new_password": Secret(new)}
    raise SignInRefused("None of the new passwords was accepted; the old one still holds.")


def _refusal(response: Response, endpoints: Endpoints) -> str:
    """Return why a new password is wanted; anything else the server said is raised."""
    if response.status == TOO_MANY:
        raise code_flow.throttled(response)
    match answers.error_of(response):
        case "password_change_required", _:
            return ""
        case "invalid_new_password", words:
            return words or "The server does not accept this password."
        case "invalid_credentials", _:
            raise WrongPassword("User name or password is wrong.", hint="labpass login --password")
        case _:
            pass
    code_flow.check(response, endpoints.authorization)
    raise NotOurs(f"{endpoints.authorization} answered status {response.status}.")
