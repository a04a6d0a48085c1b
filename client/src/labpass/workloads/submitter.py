"""The handle to write on what is submitted."""

import base64
import binascii
import json

from labpass.secret import Secret


def unverified_handle(token: Secret) -> str:
    """Return ``preferred_username`` of a cluster's token, empty where there is none.

    Not verified, and needs not be: it is our own token, from the server we trust over TLS, and the
    API server writes its own view over this label or refuses it.
    """
    try:
        _, payload, _ = token.reveal().split(".")
        padded = payload + "=" * (-len(payload) % 4)
        claims = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        handle = claims["preferred_username"]
    except (ValueError, binascii.Error, KeyError, TypeError):
        return ""
    return handle if isinstance(handle, str) else ""
