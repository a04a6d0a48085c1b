"""The checks of one ``issuer``: addresses, certificate authority, audiences."""

from collections.abc import Iterator, Mapping
from typing import Final

from labpass.trust import certificates, shape
from labpass.trust.config import check_url
from labpass.trust.errors import Invalid
from labpass.trust.findings import Finding, refuse
from labpass.trust.version import Version

_FIELDS: Final = (
    "url",
    "discoveryURL",
    "certificateAuthority",
    "audiences",
    "audienceMatchPolicy",
    "egressSelectorType",
)


def issuer(where: str, held: object, version: Version) -> Iterator[Finding]:
    """Check ``issuer`` of one entry, field by field."""
    yield from shape.mapping(where, held, _FIELDS)
    if not isinstance(held, Mapping):
        return
    yield from _address(f"{where}.url", held.get("url"))
    if "discoveryURL" in held:
        yield from _address(f"{where}.discoveryURL", held["discoveryURL"])
        if held["discoveryURL"] == held.get("url"):
            yield refuse(f"{where}.discoveryURL", "must differ from url")
    if "certificateAuthority" in held:
        yield from _authority(f"{where}.certificateAuthority", held["certificateAuthority"])
    yield from _audiences(where, held)
    if "egressSelectorType" in held:
        yield from _egress(f"{where}.egressSelectorType", version)


def _address(where: str, held: object) -> Iterator[Finding]:
    if not isinstance(held, str):
        yield refuse(where, "must be an address")
        return
    try:
        check_url(where, held)
    except Invalid as e:
        yield refuse(where, e.reason)


def _authority(where: str, held: object) -> Iterator[Finding]:
    if not isinstance(held, str):
        yield refuse(where, "must be PEM text")
        return
    try:
        certificates.check(where, held)
    except Invalid as e:
        yield refuse(where, e.reason)


def _audiences(where: str, held: Mapping[str, object]) -> Iterator[Finding]:
    audiences, policy = held.get("audiences"), held.get("audienceMatchPolicy")
    yield from shape.texts(f"{where}.audiences", audiences)
    several = isinstance(audiences, list) and len(audiences) > 1
    if "audienceMatchPolicy" in held and policy != "MatchAny":
        yield refuse(f"{where}.audienceMatchPolicy", "must be MatchAny")
    elif several and policy != "MatchAny":
        yield refuse(f"{where}.audienceMatchPolicy", "must be MatchAny for several audiences")


def _egress(where: str, version: Version) -> Iterator[Finding]:
    if not version.reads_egress_selector:
        yield refuse(where, f"{version} does not read it")
    else:
        yield refuse(where, "needs egress selectors, which cannot be seen from here")
