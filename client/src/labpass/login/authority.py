"""What a Labpass server says about itself: its discovery document, read once and checked.

The issuer must be exactly the address that was asked (RFC 8414 §3.3): a document that names another
one is how a person's code is carried to a foreign server.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

from labpass.login import answers, steps
from labpass.login.answers import NotOurs
from labpass.login.steps import Flow, Request
from labpass.problems import UsageProblem


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where a server answers what."""

    issuer: str
    authorization: str
    token: str
    revocation: str


def address(given: str) -> str:
    """Return the issuer a person meant: https is added, a last slash taken off.

    Raises `UsageProblem` for what cannot be one.
    """
    url = given.strip() if "://" in given else f"https://{given.strip()}"
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        parts, has_host = urlsplit(""), False
    if parts.scheme != "https" or not has_host or not url.isprintable() or " " in url:
        raise UsageProblem(
            "That is no address of a Labpass server: it looks like https://labpass.example.org.",
            hint="labpass login --server URL[#sha256:FINGERPRINT]",
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageProblem("A Labpass server's address has no user name, query or fragment.")
    return url.rstrip("/")


def discover(issuer: str) -> Flow[Endpoints]:
    """Read the discovery document of ``issuer``."""
    response = yield from steps.fetch(Request(url=f"{issuer}/.well-known/openid-configuration"))
    if response.status != 200:  # noqa: PLR2004 -- the one status of success here
        raise NotOurs(
            f"{issuer} answered status {response.status} where a Labpass server describes itself.",
            hint="Is the address right?",
        )
    found = answers.json_of(response, issuer)
    if answers.text(found, "issuer", issuer) != issuer:
        named = answers.printable(found["issuer"])
        raise NotOurs(f"{issuer} says it is {named}.", hint=f"Use that address: --server {named}")
    return Endpoints(
        issuer=issuer,
        authorization=_own(found, "authorization_endpoint", issuer),
        token=_own(found, "token_endpoint", issuer),
        revocation=_own(found, "revocation_endpoint", issuer),
    )


def _own(found: dict[str, object], name: str, issuer: str) -> str:
    """Return an endpoint, which must lie at the server itself: secrets are sent there."""
    url = answers.text(found, name, issuer)
    if urlsplit(url)[:2] != urlsplit(issuer)[:2]:
        raise NotOurs(f"{issuer} names an address elsewhere as its {name}.")
    return url
