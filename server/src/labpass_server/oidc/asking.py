"""From the parameters of an authorization request to a checked `Authorization`. Pure.

The order matters: nothing is ever sent to a redirect URI before client and URI are known to belong
together (RFC 6749 §4.1.2.1).
"""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from labpass_server.model import client as clients
from labpass_server.model import errors
from labpass_server.model.authorization import Authorization, Prompt, ResponseMode, Scope
from labpass_server.oidc.parameters import Parameters

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_MAX_AGE: Final = re.compile(r"[0-9]{1,9}", re.ASCII)
_LONGEST: Final = {"state": 4096, "nonce": 512, "login_hint": 256}


class Error(StrEnum):
    """What is wrong with a request, in the words of the protocol."""

    INVALID_REQUEST = "invalid_request"
    INVALID_SCOPE = "invalid_scope"
    UNSUPPORTED_RESPONSE_TYPE = "unsupported_response_type"
    REQUEST_NOT_SUPPORTED = "request_not_supported"
    REQUEST_URI_NOT_SUPPORTED = "request_uri_not_supported"
    REGISTRATION_NOT_SUPPORTED = "registration_not_supported"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A refusal that the client may be told at its (checked) redirect URI."""

    error: Error
    description: str
    answer_to: Authorization


Checked: TypeAlias = Authorization | Wrong

_UNSUPPORTED: Final = {
    "request": Error.REQUEST_NOT_SUPPORTED,
    "request_uri": Error.REQUEST_URI_NOT_SUPPORTED,
    "registration": Error.REGISTRATION_NOT_SUPPORTED,
}


class _No(Exception):
    def __init__(self, error: Error, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def check(given: Parameters, client: clients.Client | None) -> Checked:
    """Return the request, or what is wrong with it.

    Raises `Invalid` for an unknown client or a redirect URI that is not its own: the person is
    told that, and nobody else.
    """
    if client is None:
        raise errors.Invalid("client_id", "no program with this id signs people in here")
    uri = given.get("redirect_uri")
    if not client.may_answer_at(uri):
        raise errors.Invalid("redirect_uri", "this address does not belong to the program")
    start = Authorization(
        client_id=client.id,
        redirect_uri=uri,
        scope=(),
        state=None if "state" in given.repeated else given.values.get("state") or None,
        response_mode=_mode_for_errors(given),
    )
    try:
        given.refuse_repeated()
        return _checked(given, client, uri)
    except errors.Invalid as error:
        wrong = f"{error.field}: {error.reason}"
        return Wrong(error=Error.INVALID_REQUEST, description=wrong, answer_to=start)
    except _No as no:
        return Wrong(error=no.error, description=no.description, answer_to=start)


def _checked(given: Parameters, client: clients.Client, uri: str) -> Authorization:
    for name, error in _UNSUPPORTED.items():
        if given.find(name) is not None:
            raise _No(error, f"{name} is not supported")
    if given.get("response_type") != "code":
        raise _No(Error.UNSUPPORTED_RESPONSE_TYPE, "response_type must be code")
    return Authorization(
        client_id=client.id,
        redirect_uri=uri,
        scope=_scope(given),
        state=_text(given, "state"),
        nonce=_text(given, "nonce"),
        challenge=_challenge(given, client),
        response_mode=_mode(given),
        prompts=_prompts(given),
        max_age=_max_age(given),
        login_hint=_text(given, "login_hint"),
    )


def scope_of(text: str) -> tuple[Scope, ...]:
    """Return the scopes we know; unknown ones mean nothing here."""
    asked = set(text.split(" "))
    return tuple(scope for scope in Scope if scope.value in asked)


def _scope(given: Parameters) -> tuple[Scope, ...]:
    scope = scope_of(given.find("scope") or "")
    if Scope.OPENID not in scope:
        raise _No(Error.INVALID_SCOPE, "scope must contain openid")
    return scope


def _challenge(given: Parameters, client: clients.Client) -> str | None:
    challenge, method = given.find("code_challenge"), given.find("code_challenge_method")
    if challenge is None and method is None and not client.requires_pkce:
        return None
    # A method left out means plain, which protects nobody who can be overheard.
    if challenge is None or method != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise errors.Invalid("code_challenge", "PKCE with S256 is required")
    return challenge


def _mode(given: Parameters) -> ResponseMode:
    mode = given.find("response_mode")
    try:
        return ResponseMode.QUERY if mode is None else ResponseMode(mode)
    except ValueError as error:
        raise errors.Invalid("response_mode", "query or form_post") from error


def _mode_for_errors(given: Parameters) -> ResponseMode:
    try:
        return _mode(given)
    except errors.Invalid:
        return ResponseMode.QUERY


def _prompts(given: Parameters) -> frozenset[Prompt]:
    known = {prompt.value for prompt in Prompt}
    asked = set((given.find("prompt") or "").split(" ")) - {""}
    if Prompt.NONE.value in asked and len(asked) > 1:
        raise errors.Invalid("prompt", "none stands alone")
    return frozenset(Prompt(each) for each in asked & known)


def _max_age(given: Parameters) -> timedelta | None:
    text = given.find("max_age")
    if text is None:
        return None
    if not _MAX_AGE.fullmatch(text):
        raise errors.Invalid("max_age", "whole seconds")
    return timedelta(seconds=int(text))


def _text(given: Parameters, name: str) -> str | None:
    text = given.find(name)
    if text is not None and len(text) > _LONGEST[name]:
        raise errors.Invalid(name, f"at most {_LONGEST[name]} characters")
    return text
