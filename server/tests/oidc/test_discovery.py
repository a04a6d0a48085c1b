import json

from server.tests.conftest import ISSUER, Clock
from server.tests.oidc.conftest import Door

from labpass_server.model import key
from labpass_server.storage import database


def test_both_well_known_addresses_give_the_same_document(door: Door) -> None:
    one = door.get("/.well-known/openid-configuration")
    other = door.get("/.well-known/oauth-authorization-server")
    assert one.json() == other.json()
    assert one.json()["issuer"] == ISSUER


def test_kubelogin_sees_that_pkce_is_offered(door: Door) -> None:
    said = door.get("/.well-known/openid-configuration").json()
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["response_types_supported"] == ["code"]
    assert said["authorization_response_iss_parameter_supported"] is True


def test_every_address_lies_under_the_issuer_whatever_the_host_says(door: Door) -> None:
    said = door.get("/.well-known/openid-configuration", headers={"host": "evil.example"}).json()
    addresses = [v for k, v in said.items() if k.endswith(("_endpoint", "_uri"))]
    assert addresses
    assert all(address.startswith(f"{ISSUER}/") for address in addresses)


def test_keys_may_be_cached_for_a_minute(door: Door) -> None:
    assert door.get("/jwks").headers["cache-control"] == "public, max-age=60"


def test_the_next_key_is_published_before_it_signs(door: Door) -> None:
    keys = door.get("/jwks").json()["keys"]
    assert sorted(each["alg"] for each in keys) == ["ES256", "ES256", "RS256", "RS256"]


def test_no_private_member_is_published(door: Door) -> None:
    for each in door.get("/jwks").json()["keys"]:
        assert not each.keys() & {"d", "p", "q", "dp", "dq", "qi", "k"}
        assert each["use"] == "sig"


def test_a_new_key_was_published_a_day_before_it_signed(
    door: Door, store: database.Database, clock: Clock
) -> None:
    rows = store.write_now(lambda tx: tx.keys.all())
    waiting = [row for row in rows if row.signs_from is None]
    assert len(waiting) == 2
    assert key.PUBLISHED_AHEAD >= key.JWKS_MAX_AGE * 10
    assert all(json.loads(row.public_jwk)["kid"] == row.id for row in rows)
