"""Makes signing keys and opens sealed ones. A private half leaves this room only sealed."""

import base64
import hashlib
import json
from typing import Any, Final, assert_never

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from labpass_server.model import errors
from labpass_server.model import key as model
from labpass_server.model.cluster import Algorithm
from labpass_server.signing import jwt, sealing

_BITS: Final = 2048
_EXPONENT: Final = 65537


class Keysmith:
    """Makes keys, sealed at once."""

    def __init__(self, sealer: sealing.Sealer) -> None:
        self._sealer = sealer

    def make(self, algorithm: Algorithm) -> tuple[model.KeyId, str, bytes]:
        """Return the id (RFC 7638 thumbprint), the public JWK as text, the sealed private half."""
        private = _generate(algorithm)
        public = _public_jwk(private)
        key_id = model.KeyId(_thumbprint(public))
        plain = private.private_bytes(
            serialization.Encoding.DER,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        shown = public | {"kid": key_id, "use": "sig", "alg": algorithm.value}
        return key_id, json.dumps(shown), self._sealer.seal(plain, purpose=_purpose(key_id))

    def open(self, key: model.Key) -> jwt.Signer:
        """Return what signs with this key. Raises `Unavailable` when it cannot be opened."""
        if key.sealed is None:
            raise errors.Unavailable("the signing key: erased")
        plain = self._sealer.open(key.sealed, purpose=_purpose(key.id))
        private = serialization.load_der_private_key(plain, password=None)
        assert isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey)
        return jwt.Signer(key.id, private)


def _purpose(key_id: str) -> str:
    return f"signing key {key_id}"


def _generate(algorithm: Algorithm) -> jwt.PrivateKey:
    match algorithm:
        case Algorithm.RS256:
            return rsa.generate_private_key(_EXPONENT, _BITS)
        case Algorithm.ES256:
            return ec.generate_private_key(ec.SECP256R1())
        case other:
            assert_never(other)


def _public_jwk(private: jwt.PrivateKey) -> dict[str, Any]:
    if isinstance(private, rsa.RSAPrivateKey):
        public = private.public_key().public_numbers()
        return {"e": _number(public.e), "kty": "RSA", "n": _number(public.n)}
    point = private.public_key().public_numbers()
    return {"crv": "P-256", "kty": "EC", "x": _number(point.x, 32), "y": _number(point.y, 32)}


def _number(value: int, length: int | None = None) -> str:
    octets = value.to_bytes(length or (value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _thumbprint(jwk: dict[str, Any]) -> str:
    # RFC 7638 §3: the required members alone, sorted, without blanks.
    text = json.dumps(jwk, sort_keys=True, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
