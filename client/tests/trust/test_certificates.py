"""PEM as far as it can be judged without cryptography."""

import base64
import hashlib

import pytest

from labpass.trust import certificates
from labpass.trust.errors import Invalid

GOOD = b"\x30\x00\x30\x00\x03\x01\x00"


def pem(der: bytes) -> str:
    body = base64.b64encode(der).decode()
    return f"-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n"


def sequence(inner: bytes) -> bytes:
    length = len(inner)
    return b"\x30" + (bytes([length]) if length < 128 else b"\x81" + bytes([length])) + inner


def test_several_certificates_pass(authority: str) -> None:
    certificates.check("ca", authority + authority)
    certificates.check("ca", pem(sequence(GOOD)))
    der, again = certificates.ders(authority + authority)
    assert der == again
    assert certificates.fingerprint(der) == hashlib.sha256(der).hexdigest()


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"\x30",
        b"\x04\x00",
        b"\x30\x05\x00",
        b"\x30\x84\x00\x00\x00\x00",
        b"\x30\x82\x00",
        sequence(GOOD) + b"\x00\x00",
        sequence(b"\x30\x00"),
        sequence(GOOD[:-1]),
        sequence(b"\x30\x00" * 80),
    ],
    ids=lambda der: bytes(der).hex()[:20] or "nothing",
)
def test_what_is_no_certificate_is_refused(der: bytes) -> None:
    with pytest.raises(Invalid, match=r"X\.509|PEM"):
        certificates.check("ca", pem(der))


def test_what_is_no_base64_is_refused() -> None:
    with pytest.raises(Invalid, match=r"X\.509"):
        certificates.check("ca", pem(GOOD).replace("MA", "M=", 1))


@pytest.mark.parametrize("beside", ["hello\n", "-----BEGIN PRIVATE KEY-----\nAA==\n"])
def test_nothing_may_stand_beside_them(authority: str, beside: str) -> None:
    for whole in (authority + beside, beside + authority):
        with pytest.raises(Invalid, match="nothing else"):
            certificates.check("ca", whole)
