import json
from dataclasses import replace

import pytest
from joserfc import jwk, jwt

from labpass_server.model import errors, key
from labpass_server.model.cluster import Algorithm
from labpass_server.signing import keysmith, sealing


@pytest.mark.parametrize("algorithm", Algorithm)
def test_another_library_accepts_what_a_key_signs(
    signing_keys: list[key.Key], sealer: sealing.Sealer, algorithm: Algorithm
) -> None:
    ours = next(each for each in signing_keys if each.algorithm == algorithm)
    token = keysmith.Keysmith(sealer).open(ours).sign({"sub": "alice", "aud": "a", "n": "ä"})
    public = jwk.import_key(json.loads(ours.public_jwk))
    decoded = jwt.decode(token, public, algorithms=[algorithm.value])
    assert decoded.claims == {"sub": "alice", "aud": "a", "n": "ä"}
    assert decoded.header == {"alg": algorithm.value, "kid": ours.id, "typ": "JWT"}


def test_the_id_is_the_thumbprint(signing_keys: list[key.Key]) -> None:
    for each in signing_keys:
        public = jwk.import_key(json.loads(each.public_jwk))
        assert public.thumbprint() == each.id


def test_a_private_half_is_stored_sealed_alone(signing_keys: list[key.Key]) -> None:
    for each in signing_keys:
        assert "d" not in json.loads(each.public_jwk)
        assert each.sealed is not None
        assert b"\x30\x82" not in each.sealed[:4]


def test_a_key_sealed_for_another_row_does_not_open(
    signing_keys: list[key.Key], sealer: sealing.Sealer
) -> None:
    swapped = replace(signing_keys[0], sealed=signing_keys[1].sealed)
    with pytest.raises(errors.Unavailable):
        keysmith.Keysmith(sealer).open(swapped)


def test_an_erased_key_does_not_open(signing_keys: list[key.Key], sealer: sealing.Sealer) -> None:
    with pytest.raises(errors.Unavailable):
        keysmith.Keysmith(sealer).open(replace(signing_keys[0], sealed=None))
