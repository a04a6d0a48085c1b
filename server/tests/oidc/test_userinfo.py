import json

import pytest
from joserfc import jwk, jwt
from server.tests.conftest import ISSUER, Clock
from server.tests.oidc.conftest import Door, claims


def ask(door: Door, token: str) -> tuple[int, dict[str, str]]:
    answer = door.get("/userinfo", headers={"authorization": f"Bearer {token}"})
    return answer.status_code, answer.json() if answer.content else {}


def test_three_ways_give_the_same(door: Door) -> None:
    token = door.tokens()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    by_get = door.get("/userinfo", headers=bearer)
    by_header = door.run(door.browser.post("/userinfo", headers=bearer))
    by_body = door.post("/userinfo", {"access_token": token})
    assert by_get.json() == by_header.json() == by_body.json()
    assert by_get.json()["preferred_username"] == "alice"


def test_the_subject_is_that_of_the_id_token(door: Door) -> None:
    found = door.tokens()
    assert ask(door, found["access_token"])[1]["sub"] == claims(found["id_token"])["sub"]


def test_a_token_in_the_query_is_not_read(door: Door) -> None:
    token = door.tokens()["access_token"]
    assert door.get("/userinfo", params={"access_token": token}).status_code == 401


def test_two_ways_at_once_are_refused(door: Door) -> None:
    token = door.tokens()["access_token"]
    bearer = {"authorization": f"Bearer {token}"}
    answer = door.post("/userinfo", {"access_token": token}, headers=bearer)
    assert answer.json()["error"] == "invalid_request"


def test_an_old_token_is_refused(door: Door, clock: Clock) -> None:
    token = door.tokens()["access_token"]
    clock.turn(minutes=10)
    assert ask(door, token) == (
        401,
        {
            "error": "invalid_token",
            "error_description": "the access token is unknown or too old",
        },
    )


def test_a_revoked_session_takes_its_access_tokens_with_it(door: Door) -> None:
    found = door.tokens()
    door.post("/revoke", {"client_id": "labpass", "token": found["refresh_token"]})
    assert ask(door, found["access_token"])[0] == 401


HOSTILE = {
    "nothing": "",
    "alg none": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.",
    "an unknown opaque token": "A" * 43,
    "a very long one": "A" * 20_000,
    "binary": "\x00\xff".encode("latin-1").decode("latin-1"),
    "an sql injection": "' OR 1=1 --",
}


@pytest.mark.parametrize("token", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_token_is_only_unknown(door: Door, token: str) -> None:
    answer = door.post("/userinfo", {"access_token": token})
    assert answer.status_code == 401


def test_a_forged_id_token_is_no_access_token(door: Door) -> None:
    public = door.get("/jwks").json()["keys"][0]
    secret = jwk.OctKey.import_key(json.dumps(public).encode())
    forged = jwt.encode({"alg": "HS256", "kid": public["kid"]}, {"iss": ISSUER}, secret)
    assert ask(door, forged)[0] == 401
