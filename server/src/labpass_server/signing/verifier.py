"""Reads ID tokens of our own that come back as hints. Nothing is ever authorised by one."""

import json
from collections.abc import Iterable
from typing import Any, Final

from joserfc import errors as jose_errors
from joserfc import jwk, jws
from joserfc import jwt as jose

from labpass_server.model import key as model

_LONGEST: Final = 8192


def read(unverified_token: str, keys: Iterable[model.Key]) -> dict[str, Any] | None:
    """Return the claims if one of our keys signed them, expired or not; else ``None``.

    The key is chosen by ``kid`` among ours and fixes the algorithm: what the token says of ``alg``,
    ``jwk``, ``jku``, ``x5u`` or ``crit`` chooses nothing.
    """
    if len(unverified_token) > _LONGEST:
        return None
    try:
        header = jws.extract_compact(unverified_token.encode()).headers()
        key = next((key for key in keys if key.id == header.get("kid")), None)
        if key is None or header.keys() - {"alg", "kid", "typ"}:
            return None
        public = jwk.import_key(json.loads(key.public_jwk))
        return jose.decode(unverified_token, public, algorithms=[key.algorithm.value]).claims
    except (jose_errors.JoseError, ValueError, TypeError, AttributeError, RecursionError):
        return None
