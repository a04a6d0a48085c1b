"""The grants, one file each: from parameters to what runs inside the desk's transaction.

Shared phases, who the client is and the signature, are the desk's; a grant cannot forget them.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from labpass_server.identity import desk
from labpass_server.oidc.grants import authorization_code, refresh_token, token_exchange
from labpass_server.oidc.parameters import Parameters

Parse: TypeAlias = Callable[[Parameters, str], desk.Grant]
"""Takes the parameters and the issuer; raises `Invalid` for what is missing."""

GRANTS: Final[Mapping[str, Parse]] = {
    "authorization_code": authorization_code.parse,
    "refresh_token": refresh_token.parse,
    token_exchange.NAME: token_exchange.parse,
}
