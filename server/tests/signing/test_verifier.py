import base64
import json
from typing import Any

import pytest
from joserfc import jwk, jws, jwt

from labpass_server.model import key
from labpass_server.signing import keysmith, sealing, verifier

CLAIMS: dict[str, Any] = {"iss": "https://labpass.example.org", "sub": "alice", "exp": 1}


@pytest.fixture
def good(signing_keys: list[key.Key], sealer: sealing.Sealer) -> str:
    return keysmith.Keysmith(sealer).open(signing_keys[0]).sign(CLAIMS)


def test_a_token_of_ours_is_read_even_when_it_is_old(
    good: str, signing_keys: list[key.Key]
) -> None:
    assert verifier.read(good, signing_keys) == CLAIMS


def test_a_key_that_was_forgotten_reads_nothing(good: str, signing_keys: list[key.Key]) -> None:
    assert verifier.read(good, signing_keys[1:]) is None


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "x" * 9000, "é.é.é", "eyJhbGciOiJub25lIn0.e30."]
)
def test_what_is_no_token_is_nothing(text: str, signing_keys: list[key.Key]) -> None:
    assert verifier.read(text, signing_keys) is None


def test_alg_none_is_nothing(good: str, signing_keys: list[key.Key]) -> None:
    header = json.dumps({"alg": "none", "kid": signing_keys[0].id}).encode()
    none = base64.urlsafe_b64encode(header).rstrip(b"=").decode()
    assert verifier.read(f"{none}.{good.split('.')[1]}.", signing_keys) is None


def test_an_hmac_with_the_public_key_is_nothing(signing_keys: list[key.Key]) -> None:
    secret = jwk.OctKey.import_key(signing_keys[0].public_jwk.encode())
    header = {"alg": "HS256", "kid": signing_keys[0].id}
    forged = jwt.encode(header, CLAIMS, secret, algorithms=["HS256"])
    assert verifier.read(forged, signing_keys) is None


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "crit", "b64"])
def test_a_header_that_wants_more_is_nothing(
    name: str, signing_keys: list[key.Key], sealer: sealing.Sealer
) -> None:
    private = jwk.RSAKey.import_key(
        sealer.open(signing_keys[0].sealed or b"", purpose=f"signing key {signing_keys[0].id}")
    )
    header = {"alg": "RS256", "kid": signing_keys[0].id, "typ": "JWT"}
    text = jws.serialize_compact(header, json.dumps(CLAIMS), private)
    assert verifier.read(text, signing_keys) == CLAIMS
    first, payload, _ = text.split(".")
    extended = json.loads(base64.urlsafe_b64decode(first + "==")) | {name: ["x"]}
    encoded = base64.urlsafe_b64encode(json.dumps(extended).encode()).rstrip(b"=").decode()
    assert verifier.read(f"{encoded}.{payload}.{text.split('.')[2]}", signing_keys) is None


def test_a_signature_of_another_algorithm_under_our_kid_is_nothing(
    signing_keys: list[key.Key], sealer: sealing.Sealer
) -> None:
    es256 = next(each for each in signing_keys if each.algorithm == "ES256")
    forged = keysmith.Keysmith(sealer).open(es256).sign(CLAIMS)
    head = {"alg": "ES256", "kid": signing_keys[0].id, "typ": "JWT"}
    encoded = base64.urlsafe_b64encode(json.dumps(head).encode()).rstrip(b"=").decode()
    assert verifier.read(encoded + forged[forged.index(".") :], signing_keys) is None
