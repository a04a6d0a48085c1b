import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx2
import pytest
from joserfc import jwk, jwt
from server.tests.conftest import Clock, Run
from server.tests.oidc.conftest import Door, claims, query

from labpass_server.app import authority
from labpass_server.identity import clients
from labpass_server.model import client


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


AFTERWARDS = "https://wiki.example.org/goodbye"


@pytest.fixture
def wiki(identity: authority.Authority, run: Run, clock: Clock) -> tuple[str, str]:
    """A client that is told where to go afterwards, and an ID token of alice's for it."""
    new = clients.NewClient(
        name="wiki",
        kind=client.Kind.PUBLIC,
        redirect_uris=["https://wiki.example.org/cb"],
        post_logout_redirect_uris=[AFTERWARDS, "https://wiki.example.org/?a=b"],
    )
    made, _ = run(identity.clients.add(new, actor="root", now=clock()))
    return made.client.id, "https://wiki.example.org/cb"


def hint_for(door: Door, client_id: str, uri: str) -> str:
    page = door.authorize(client_id=client_id, redirect_uri=uri)
    code = query(door.sign_in(page))["code"]
    found: str = door.redeem(code, client_id=client_id, redirect_uri=uri).json()["id_token"]
    return found


def sign_out(door: Door, **given: str) -> httpx2.Response:
    return door.get("/end-session", params={"post_logout_redirect_uri": AFTERWARDS} | given)


def test_the_browser_goes_where_the_program_has_registered_with_its_state(
    door: Door, wiki: tuple[str, str]
) -> None:
    hint = hint_for(door, *wiki)
    answer = sign_out(door, id_token_hint=hint, state="s&1")
    assert answer.headers["location"] == f"{AFTERWARDS}?state=s%261"
    assert not is_signed_in(door)


def test_a_registered_query_stays(door: Door, wiki: tuple[str, str]) -> None:
    hint = hint_for(door, *wiki)
    uri = "https://wiki.example.org/?a=b"
    answer = sign_out(door, id_token_hint=hint, post_logout_redirect_uri=uri, state="s")
    assert answer.headers["location"] == f"{uri}&state=s"


def test_without_a_hint_the_person_is_asked_and_then_sent_there(
    door: Door, wiki: tuple[str, str]
) -> None:
    signed_in(door)
    page = sign_out(door, client_id=wiki[0], state="s")
    assert is_signed_in(door)
    assert "https://wiki.example.org" in page.headers["content-security-policy"]
    answer = door.submit(page, "/end-session", answer="yes")
    assert answer.headers["location"] == f"{AFTERWARDS}?state=s"
    assert not is_signed_in(door)


def test_who_says_no_stays_signed_in_and_where_they_are(door: Door, wiki: tuple[str, str]) -> None:
    signed_in(door)
    answer = door.submit(sign_out(door, client_id=wiki[0]), "/end-session", answer="no")
    assert "location" not in answer.headers
    assert is_signed_in(door)


@pytest.mark.parametrize(
    "uri",
    [
        "https://wiki.example.org/goodbye/",
        "https://wiki.example.org/goodbye?x",
        "https://wiki.example.org.evil.example/goodbye",
        "https://wiki.example.org@evil.example/goodbye",
        "https://wiki.example.org/cb",
        "//evil.example",
        "/authorize",
        "javascript:alert(1)",
    ],
)
def test_sign_out_is_no_open_redirect(door: Door, wiki: tuple[str, str], uri: str) -> None:
    hint = hint_for(door, *wiki)
    answer = sign_out(door, id_token_hint=hint, post_logout_redirect_uri=uri)
    assert "location" not in answer.headers


def test_a_program_is_not_sent_to_anothers_address(door: Door, wiki: tuple[str, str]) -> None:
    mine = signed_in(door)["id_token"]
    assert "location" not in sign_out(door, id_token_hint=mine).headers
    signed_in(door)
    both = sign_out(door, id_token_hint=mine, client_id=wiki[0])
    assert "location" not in both.headers
    assert is_signed_in(door)


@pytest.mark.parametrize(
    "header",
    ["[" * 5000, '{"a":' * 1500, "[1]", '"x"', "1", "null", "{}", '{"kid": ["x"]}', "\xff"],
)
def test_a_hint_of_strange_json_is_no_hint(door: Door, header: str) -> None:
    signed_in(door)
    text = base64.urlsafe_b64encode(header.encode("latin-1")).rstrip(b"=").decode()
    assert door.get("/end-session", params={"id_token_hint": f"{text}.e30.AA"}).status_code == 200
    assert is_signed_in(door)
