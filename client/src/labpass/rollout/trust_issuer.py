"""Is the issuer fit to be believed, seen from this machine with exactly the CA to be installed?

An API server tolerates an issuer that it cannot reach, and answers 401; so it is looked at first:
discovery, the exact issuer string, keys, algorithms, caching, the clock.
"""

import ssl
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx2

from labpass.trust.config import TrustConfig
from labpass.trust.findings import Finding, refuse, warn

DISCOVERY: Final = "/.well-known/openid-configuration"
SKEW: Final = timedelta(seconds=30)
"""An API server gives no leeway to ``exp`` and a minute to ``nbf``."""
_PATIENCE: Final = httpx2.Timeout(10)
_LARGEST: Final = 1 << 20


def check(config: TrustConfig, now: datetime) -> tuple[Finding, ...]:
    """Return what speaks against this issuer; each finding names the cause as far as it shows."""
    try:
        context = ssl.create_default_context(cadata=config.certificate_authority)
    except ssl.SSLError:
        return (refuse("certificate_authority", "cannot be read as certificates"),)
    with httpx2.Client(verify=context, timeout=_PATIENCE, trust_env=False) as http:
        return tuple(_ask(http, config, now))


def _ask(http: httpx2.Client, config: TrustConfig, now: datetime) -> Iterator[Finding]:
    address = f"{config.issuer.rstrip('/')}{DISCOVERY}"
    answer, document, findings = _document(http, address)
    yield from findings
    if answer is None:
        return
    if document.get("issuer") != config.issuer:
        reason = f"the issuer calls itself {document.get('issuer')!r}, not {config.issuer!r}"
        yield refuse("issuer", reason, "every sign counts, the last slash too")
    yield from _clock(answer, now)
    yield from _algorithms(document, config)
    yield from _keys(http, document)


def _document(
    http: httpx2.Client, address: str
) -> tuple[httpx2.Response | None, Mapping[str, object], tuple[Finding, ...]]:
    try:
        answer = http.get(address)
    except httpx2.HTTPError as e:
        return None, {}, (refuse(address, f"cannot be reached from here: {e}", _advice(str(e))),)
    try:
        document = answer.json() if answer.status_code == httpx2.codes.OK else None
    except ValueError:
        document = None
    if not isinstance(document, dict) or len(answer.content) > _LARGEST:
        said = f"answers HTTP {answer.status_code}, and no JSON document"
        return None, {}, (refuse(address, said),)
    return answer, document, ()


def _advice(error: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in error:
        return "its certificate is not from the certificate authority of the bundle"
    return "the API server needs the same way to it"


def _clock(answer: httpx2.Response, now: datetime) -> Iterator[Finding]:
    said = answer.headers.get("date")
    try:
        skew = abs(parsedate_to_datetime(said) - now) if said else None
    except (ValueError, TypeError):
        skew = None
    if skew is None:
        yield warn("clock", "the issuer does not say what time it is")
    elif skew > SKEW:
        reason = f"this machine and the issuer are {skew.total_seconds():.0f} s apart"
        yield refuse("clock", reason, "set the clock: tokens would be expired, or not valid yet")


def _algorithms(document: Mapping[str, object], config: TrustConfig) -> Iterator[Finding]:
    offered = document.get("id_token_signing_alg_values_supported")
    known = set(offered) if isinstance(offered, list) else set()
    if config.algorithms and known.isdisjoint(config.algorithms):
        yield refuse("algorithms", f"the issuer signs with {sorted(map(str, known)) or 'none'}")


def _keys(http: httpx2.Client, document: Mapping[str, object]) -> Iterator[Finding]:
    address = document.get("jwks_uri")
    if not isinstance(address, str) or not address.startswith("https://"):
        yield refuse("jwks_uri", f"{address!r} is no https address")
        return
    answer, keys, findings = _document(http, address)
    yield from findings
    if answer is None:
        return
    held = keys.get("keys")
    if not isinstance(held, list) or not held:
        yield refuse(address, "holds no keys")
    if "max-age" not in answer.headers.get("cache-control", ""):
        yield warn(address, "has no max-age: every token with an unknown key makes a request")
