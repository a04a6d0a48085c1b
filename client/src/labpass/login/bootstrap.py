"""First contact with a server that has its own CA: the fingerprint decides, nothing else.

The CA is public and fetched without trusting the connection; what it is worth comes from the
fingerprint that the server's administrator handed over with the address.
"""

import hashlib
import hmac
import re
import ssl
from dataclasses import dataclass
from typing import Final

from labpass.login import authority, steps
from labpass.login.answers import NotOurs
from labpass.login.steps import Flow, Request
from labpass.problems import Problem, UsageProblem

PATH: Final = "/.well-known/labpass/ca.pem"
MARK: Final = "#sha256:"
ONE: Final = re.compile(
    r"-----BEGIN CERTIFICATE-----\s+[A-Za-z0-9+/=\s]+?-----END CERTIFICATE-----", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A server's address as it is handed over, with the fingerprint of its CA or without."""

    url: str
    fingerprint: str | None = None


def parse(given: str) -> Address:
    """Read ``URL`` or ``URL#sha256:FINGERPRINT``; colons and case do not matter in the latter."""
    url, mark, after = given.partition(MARK)
    if not mark:
        return Address(url=authority.address(url))
    digits = after.replace(":", "").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        raise UsageProblem("A fingerprint is 64 hexadecimal digits after #sha256:.")
    return Address(url=authority.address(url), fingerprint=digits)


def flow(address: Address) -> Flow[str]:
    """Fetch the CA and return its PEM if it is the one that the fingerprint names.

    To be driven over an unverified connection (`unverified`): nothing secret is sent.
    """
    response = yield from steps.fetch(Request(url=f"{address.url}{PATH}"))
    found = ONE.search(response.body.decode("ascii", errors="replace"))
    if found is None:
        raise NotOurs(
            f"{address.url} has no CA of its own to show (status {response.status}).",
            hint="Leave the fingerprint away if it has an ordinary certificate.",
        )
    try:
        der = ssl.PEM_cert_to_DER_cert(found[0])
    except ValueError as e:
        raise NotOurs(f"{address.url} shows a CA that cannot be read.") from e
    if not hmac.compare_digest(hashlib.sha256(der).hexdigest(), address.fingerprint or ""):
        raise Problem(
            f"The CA that {address.url} shows is not the one of this fingerprint.",
            hint="Nothing was sent. Compare with what the server printed; if it is the same, "
            "somebody stands in between.",
        )
    return ssl.DER_cert_to_PEM_cert(der)  # spelled anew: what was hashed is what is trusted


def unverified() -> ssl.SSLContext:
    """Return a TLS context that believes anybody; for the CA's fetch and nothing else."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
