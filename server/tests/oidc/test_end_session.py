import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from joserfc import jwk, jwt
from server.tests.conftest import Clock
from server.tests.oidc.conftest import Door, claims, query


def signed_in(door: Door) -> dict[str, str]:
    code = query(door.sign_in(door.authorize()))["code"]
    found: dict[str, str] = door.redeem(code).json()
    return found


def is_signed_in(door: Door) -> bool:
    return 'name="password"' not in door.authorize().text


def test_without_a_hint_the_person_is_asked(door: Door) -> None:
    signed_in(door)
    page = door.get("/end-session")
    assert page.status_code == 200
    assert is_signed_in(door)
    door.submit(page, "/end-session", answer="yes")
    assert not is_signed_in(door)


def test_a_no_keeps_the_session(door: Door) -> None:
    signed_in(door)
    door.submit(door.get("/end-session"), "/end-session", answer="no")
    assert is_signed_in(door)


def test_signing_out_ends_the_sessions_that_began_in_the_browser(door: Door) -> None:
    found = signed_in(door)
    elsewhere = door.tokens()
    door.get("/end-session", params={"id_token_hint": found["id_token"]})
    assert not is_signed_in(door)
    assert door.refresh(found["refresh_token"]).json()["error"] == "invalid_grant"
    assert door.refresh(elsewhere["refresh_token"]).status_code == 200


def test_an_expired_hint_of_the_same_person_is_good_enough(door: Door, clock: Clock) -> None:
    hint = signed_in(door)["id_token"]
    clock.turn(hours=1)
    door.get("/end-session", params={"id_token_hint": hint})
    assert not is_signed_in(door)


@cache
def own() -> jwk.RSAKey:
    return jwk.RSAKey.generate_key(2048)


FORGERIES: dict[str, Callable[[Door, str], str]] = {
    "alg none": lambda _, hint: f"{encoded({'alg': 'none'})}.{hint.split('.')[1]}.",
    "hmac with the public key": lambda door, hint: jwt.encode(
        header(door) | {"alg": "HS256"},
        claims(hint),
        jwk.OctKey.import_key(json.dumps(public(door)).encode()),
        algorithms=["HS256"],
    ),
    "another key under our kid": lambda door, hint: jwt.encode(header(door), claims(hint), own()),
    "a key of its own in the header": lambda door, hint: jwt.encode(
        header(door) | {"jwk": own().as_dict(private=False)}, claims(hint), own()
    ),
    "an unknown kid": lambda door, hint: jwt.encode(
        header(door) | {"kid": "unknown"}, claims(hint), own()
    ),
    "a changed payload": lambda _, hint: ".".join(
        [hint.split(".")[0], encoded(claims(hint) | {"exp": 1}), hint.split(".")[2]]
    ),
    "very long": lambda _, hint: hint + "A" * 50_000,
}


def encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def public(door: Door) -> dict[str, Any]:
    found: dict[str, Any] = next(
        key for key in door.get("/jwks").json()["keys"] if key["alg"] == "RS256"
    )
    return found


def header(door: Door) -> dict[str, Any]:
    return {"alg": "RS256", "kid": public(door)["kid"]}


@pytest.mark.parametrize("attack", FORGERIES.values(), ids=FORGERIES)
def test_a_forged_hint_signs_nobody_out(door: Door, attack: Callable[[Door, str], str]) -> None:
    hint = attack(door, signed_in(door)["id_token"])
    door.post("/end-session", {"id_token_hint": hint})
    assert is_signed_in(door)


def test_a_foreign_page_cannot_press_the_button(door: Door) -> None:
    signed_in(door)
    door.post("/end-session", {"answer": "yes", "csrf": "guessed"})
    assert is_signed_in(door)


def test_nobody_is_sent_to_an_address_nobody_registered(door: Door) -> None:
    found = signed_in(door)
    answer = door.get(
        "/end-session",
        params={
            "id_token_hint": found["id_token"],
            "post_logout_redirect_uri": "https://evil.example/",
        },
    )
    assert answer.status_code == 200
    assert "evil.example" not in answer.text
