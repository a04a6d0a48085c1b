"""Writes an authorization request as text into a row, and reads it back."""

import json
from datetime import timedelta
from typing import Any

from labpass_server.model.authorization import Authorization, Prompt, ResponseMode, Scope
from labpass_server.model.client import ClientId


def dump(authorization: Authorization) -> str:
    """Return the text of a row."""
    max_age = authorization.max_age
    return json.dumps(
        {
            "client_id": authorization.client_id,
            "redirect_uri": authorization.redirect_uri,
            "scope": authorization.scope,
            "state": authorization.state,
            "nonce": authorization.nonce,
            "challenge": authorization.challenge,
            "response_mode": authorization.response_mode,
            "prompts": sorted(authorization.prompts),
            "max_age": None if max_age is None else int(max_age.total_seconds()),
            "login_hint": authorization.login_hint,
        }
    )


def load(text: str) -> Authorization:
    """Return what `dump` wrote."""
    row: dict[str, Any] = json.loads(text)
    max_age = row["max_age"]
    return Authorization(
        client_id=ClientId(row["client_id"]),
        redirect_uri=row["redirect_uri"],
        scope=tuple(Scope(each) for each in row["scope"]),
        state=row["state"],
        nonce=row["nonce"],
        challenge=row["challenge"],
        response_mode=ResponseMode(row["response_mode"]),
        prompts=frozenset(Prompt(each) for each in row["prompts"]),
        max_age=None if max_age is None else timedelta(seconds=max_age),
        login_hint=row["login_hint"],
    )


def scope_text(scope: tuple[Scope, ...]) -> str:
    """Return a scope as one text, as in the protocol."""
    return " ".join(scope)


def scope(text: str) -> tuple[Scope, ...]:
    """Return what `scope_text` wrote."""
    return tuple(Scope(each) for each in text.split())
