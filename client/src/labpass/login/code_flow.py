"""What the flows share: the authorize request, the check of its answer, the code's redemption."""

import base64
import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from labpass.login import answers, steps
from labpass.login.answers import NotOurs
from labpass.login.authority import Endpoints
from labpass.login.proof import Proof
from labpass.login.steps import Flow, Form, Request, Response
from labpass.problems import Forbidden, Problem
from labpass.secret import Secret

CLIENT: Final = "labpass"
SCOPE: Final = "openid offline_access profile"
OK: Final = 200
TROUBLE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What a sign-in brought: who, and the tokens to keep it."""

    endpoints: Endpoints
    handle: str
    person: str
    refresh_token: Secret
    access_token: Secret
    access_lifetime: timedelta


class SignInRefused(Forbidden):
    """The server said no to this sign-in."""


def parameters(proof: Proof, redirect_uri: str) -> dict[str, str | Secret]:
    """Return the parameters of an authorize request."""
    return {
        "client_id": CLIENT,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": proof.state,
        "nonce": proof.nonce,
        "code_challenge": proof.challenge,
        "code_challenge_method": "S256",
    }


def code_from(url: str, *, issuer: str, proof: Proof) -> Secret:
    """Return the code that an authorize answer carries.

    ``state`` must be ours, or a foreign page could sign this person in as somebody else; ``iss``
    must be the server's (RFC 9207), or another server could pass its code on to this one.
    """
    found = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    if not hmac.compare_digest(found.get("state", "").encode(), proof.state.encode()):
        raise Problem("The answer does not belong to this sign-in.", hint="labpass login")
    if found.get("iss") != issuer:
        raise Problem("The answer does not come from the server that was asked.")
    if "error" in found:
        words = answers.printable(found.get("error_description") or found["error"])
        raise SignInRefused(f"The server did not sign you in: {words}")
    if "code" not in found:
        raise NotOurs("The answer holds no code.")
    return Secret(found["code"])


def redeem(endpoints: Endpoints, proof: Proof, code: Secret, redirect_uri: str) -> Flow[SignedIn]:
    """Buy the tokens for a code. Raises `SignInRefused` when the code is not taken."""
    form: Form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri,
        "client_id": CLIENT,
        "code_verifier": proof.verifier,
    }
    response = yield from steps.fetch(Request(url=endpoints.token, form=form))
    check(response, endpoints.token)
    return _signed_in(endpoints, proof, answers.json_of(response, endpoints.token))


def check(response: Response, what: str) -> None:
    """Raise what a refusal means: `SignInRefused`, or `NotOurs` for the server's trouble."""
    if response.status == OK:
        return
    error, words = answers.error_of(response)
    if response.status >= TROUBLE or not error:
        raise NotOurs(f"{what} answered status {response.status}. {words}".rstrip())
    raise SignInRefused(f"The server did not sign you in: {words or error}.")


def throttled(response: Response) -> SignInRefused:
    """Say how long the server wants to be left alone (429)."""
    wait = response.headers.get("retry-after", "")
    when = f"in {wait} s" if wait.isdigit() else "later"
    return SignInRefused(f"Too many attempts. Try again {when}.")


def _signed_in(endpoints: Endpoints, proof: Proof, found: dict[str, Any]) -> SignedIn:
    claims = _claims(answers.text(found, "id_token", endpoints.token), endpoints.token)
    if claims.get("iss") != endpoints.issuer or claims.get("aud") not in (CLIENT, [CLIENT]):
        raise NotOurs("The server's ID token is not made for this program.")
    if not hmac.compare_digest(str(claims.get("nonce")).encode(), proof.nonce.encode()):
        raise NotOurs("The server's ID token is of another sign-in.")
    return SignedIn(
        endpoints=endpoints,
        handle=answers.printable(claims.get("preferred_username") or claims.get("sub")),
        person=answers.printable(claims.get("sub")),
        refresh_token=Secret(answers.text(found, "refresh_token", endpoints.token)),
        access_token=Secret(answers.text(found, "access_token", endpoints.token)),
        access_lifetime=answers.seconds(found, "expires_in"),
    )


def _claims(token: str, what: str) -> dict[str, Any]:
    """Return the claims of an ID token that came straight from the token endpoint over TLS.

    Its signature is not checked: OpenID Connect Core 1.0 §3.1.3.7 lets the TLS of that exchange
    vouch for it, and nothing but a name to show is taken from it.
    """
    try:
        part = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, IndexError) as e:
        raise NotOurs(f"{what} answered an ID token that cannot be read.") from e
    if not isinstance(found, dict):
        raise NotOurs(f"{what} answered an ID token that cannot be read.")
    return found
