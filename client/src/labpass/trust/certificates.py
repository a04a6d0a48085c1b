"""PEM certificates as far as they can be judged without cryptography.

An API server whose file holds a broken certificate does not start, so the shape is checked here:
base64, and DER whose lengths add up the way X.509 wants. What only a parser can know, the machine
that applies the change checks again with its own TLS library.
"""

import base64
import binascii
import hashlib
import re
from typing import Final

from labpass.trust.errors import Invalid

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"
_BLOCK: Final = re.compile(rf"{_BEGIN}\n((?:[A-Za-z0-9+/=]{{1,76}}\n)+){_END}\n?", re.ASCII)
_SEQUENCE: Final = 0x30
_LONG_FORM: Final = 0x80


def check(field: str, pem: str) -> None:
    """Refuse what is not one or more certificates in PEM and nothing else. Raises `Invalid`."""
    blocks = ders(pem)
    rest = _BLOCK.sub("", pem)
    if not blocks or rest.strip("\n"):
        raise Invalid(field, "is not PEM certificates and nothing else")
    for der in blocks:
        if not _is_certificate(der):
            raise Invalid(field, "holds something that is no X.509 certificate")


def ders(pem: str) -> list[bytes]:
    """Return the certificates of a PEM text as DER; what is not base64 comes as empty bytes."""
    found = []
    for block in _BLOCK.findall(pem):
        try:
            found.append(base64.b64decode("".join(block.split("\n")), validate=True))
        except binascii.Error:
            found.append(b"")
    return found


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate, the way people compare it."""
    return hashlib.sha256(der).hexdigest()


def _is_certificate(der: bytes) -> bool:
    """Whether this is SEQUENCE {SEQUENCE tbs, SEQUENCE algorithm, BIT STRING} and no byte more."""
    outer = _elements(der)
    if outer is None or [tag for tag, _ in outer] != [_SEQUENCE]:
        return False
    inner = _elements(outer[0][1])
    return inner is not None and [tag for tag, _ in inner] == [_SEQUENCE, _SEQUENCE, 0x03]


def _elements(data: bytes) -> list[tuple[int, bytes]] | None:
    """Split DER into tag and content; `None` when the lengths do not add up."""
    found = []
    place = 0
    while place < len(data):
        header = _length(data, place)
        if header is None:
            return None
        start, length = header
        if start + length > len(data):
            return None
        found.append((data[place], data[start : start + length]))
        place = start + length
    return found


def _length(data: bytes, place: int) -> tuple[int, int] | None:
    """Return where the content starts and how long it is."""
    if place + 2 > len(data):
        return None
    first = data[place + 1]
    if first < _LONG_FORM:
        return place + 2, first
    size = first - _LONG_FORM
    if size not in {1, 2, 3} or place + 2 + size > len(data):
        return None
    return place + 2 + size, int.from_bytes(data[place + 2 : place + 2 + size], "big")
