"""The next refresh token, made out of the presented one and a random salt.

Two that race with the same token must get the same successor, and the database must not hold one
in the clear. So the successor is HMAC-SHA-256 under the presented token over the stored salt:
whoever steals the database has the salt and not the token, whoever steals the token has no salt.
The salt is erased when the grace is over.
"""

import base64
import hashlib
import hmac
from typing import Final

from labpass.secret import Secret

SALT: Final = 32
_PURPOSE: Final = b"labpass refresh token successor\0"


def of(presented: Secret, salt: bytes) -> Secret:
    """Return the successor; 256 bits, as every token."""
    mac = hmac.digest(presented.reveal().encode(), _PURPOSE + salt, hashlib.sha256)
    return Secret(base64.urlsafe_b64encode(mac).rstrip(b"=").decode())
