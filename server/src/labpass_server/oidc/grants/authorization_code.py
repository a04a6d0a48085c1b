"""A code for tokens. RFC 6749 §4.1.3, RFC 7636 §4.5."""

from labpass_server.identity import desk, redemption
from labpass_server.oidc.parameters import Parameters


def parse(given: Parameters, issuer: str) -> desk.Grant:
    """Return what redeems the code."""
    del issuer
    presented = redemption.Presented(
        code=given.get_secret("code"),
        redirect_uri=given.find("redirect_uri"),
        verifier=given.find_secret("code_verifier"),
    )
    return lambda turn: redemption.redeem(turn, presented)
