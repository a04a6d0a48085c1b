import base64
from collections.abc import Mapping
from urllib import parse

import pytest
from joserfc import jwk, jwt
from server.tests.conftest import ISSUER, Clock, Run
from server.tests.oidc.conftest import (
    AUDIENCE,
    LOOPBACK,
    PASTED,
    VERIFIER,
    Door,
    claims,
    query,
)

from labpass_server.app import authority
from labpass_server.identity import clients
from labpass_server.model import client as model
from labpass_server.storage import database

WEB = "https://wiki.example.org/callback"


def code(door: Door) -> str:
    return query(door.sign_in(door.authorize(prompt="login")))["code"]


@pytest.fixture(name="wiki")
def confidential_client(identity: authority.Authority, run: Run, clock: Clock) -> tuple[str, str]:
    new = clients.NewClient(
        name="Wiki", kind=model.Kind.CONFIDENTIAL, redirect_uris=[WEB], requires_pkce=False
    )
    made, secret = run(identity.clients.add(new, actor="root", now=clock()))
    assert secret is not None
    return made.client.id, secret.reveal()


def test_a_code_gives_three_tokens(door: Door) -> None:
    found = door.redeem(code(door)).json()
    assert found["token_type"] == "Bearer"
    assert found["expires_in"] == 600
    assert found["scope"] == "openid offline_access profile"
    assert {"access_token", "refresh_token", "id_token"} <= found.keys()


def test_the_id_token_is_signed_with_a_published_key(door: Door, clock: Clock) -> None:
    token = door.redeem(code(door)).json()["id_token"]
    keys = jwk.KeySet.import_key_set(door.get("/jwks").json())
    said = jwt.decode(token, keys, algorithms=["RS256"]).claims
    assert said["iss"] == ISSUER
    assert said["aud"] == "labpass"
    assert said["nonce"] == "nonce-1"
    assert said["preferred_username"] == "alice"
    assert said["sub"] != "alice"
    assert said["iat"] == said["auth_time"] == int(clock().timestamp())
    assert said["exp"] - said["iat"] == 900


def test_tokens_are_not_for_caches(door: Door) -> None:
    assert door.redeem(code(door)).headers["cache-control"] == "no-store"


def test_without_offline_access_there_is_no_refresh_token(door: Door) -> None:
    answer = door.sign_in(door.authorize(scope="openid"))
    assert "refresh_token" not in door.redeem(query(answer)["code"]).json()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"code_verifier": "w" * 43}, id="wrong verifier"),
        pytest.param({"code_verifier": ""}, id="missing verifier"),
        pytest.param({"code_verifier": "v" * 42}, id="short verifier"),
        pytest.param({"redirect_uri": "http://127.0.0.1:1/callback"}, id="another port"),
        pytest.param({"redirect_uri": ""}, id="missing redirect uri"),
        pytest.param({"client_id": AUDIENCE}, id="code for another client"),
    ],
)
def test_a_code_is_bound_to_verifier_address_and_client(
    door: Door, access: None, changes: dict[str, str]
) -> None:
    answer = door.redeem(code(door), **changes)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


def test_a_code_nobody_made_is_refused(door: Door) -> None:
    assert door.redeem("x" * 43).json()["error"] == "invalid_grant"


def test_a_code_lives_a_minute(door: Door, clock: Clock) -> None:
    late = code(door)
    clock.turn(seconds=60)
    assert door.redeem(late).json()["error"] == "invalid_grant"


def test_a_replayed_code_ends_what_the_first_use_began(door: Door) -> None:
    stolen = code(door)
    first = door.redeem(stolen).json()
    assert door.redeem(stolen).json()["error"] == "invalid_grant"
    assert door.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"
    bearer = {"authorization": f"Bearer {first['access_token']}"}
    assert door.get("/userinfo", headers=bearer).status_code == 401


def test_a_refresh_token_rotates(door: Door) -> None:
    first = door.tokens()
    second = door.refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert "nonce" not in claims(second["id_token"])
    assert claims(second["id_token"])["auth_time"] == claims(first["id_token"])["auth_time"]


def test_a_client_that_lost_the_answer_gets_the_same_successor(door: Door, clock: Clock) -> None:
    first = door.tokens()["refresh_token"]
    successor = door.refresh(first).json()["refresh_token"]
    clock.turn(seconds=10)
    assert door.refresh(first).json()["refresh_token"] == successor


def test_reuse_after_the_grace_ends_the_session_and_is_written_down(
    door: Door, store: database.Database, clock: Clock
) -> None:
    first = door.tokens()["refresh_token"]
    second = door.refresh(first).json()
    clock.turn(seconds=11)
    assert door.refresh(first).json()["error"] == "invalid_grant"
    assert door.refresh(second["refresh_token"]).json()["error"] == "invalid_grant"
    kinds = [event.kind for event in store.write_now(lambda tx: tx.events.latest(5))]
    assert "session.token-reused" in kinds


def test_another_client_cannot_use_a_refresh_token(door: Door, access: None) -> None:
    mine = door.tokens()["refresh_token"]
    stolen = door.refresh(mine, client_id=AUDIENCE)
    assert stolen.json()["error"] == "invalid_grant"
    assert door.refresh(mine).status_code == 200


def test_a_session_ends_after_twelve_hours_however_often_it_was_refreshed(
    door: Door, clock: Clock
) -> None:
    token = door.tokens()["refresh_token"]
    for _ in range(11):
        clock.turn(hours=1)
        token = door.refresh(token).json()["refresh_token"]
    clock.turn(hours=1)
    assert door.refresh(token).json()["error"] == "invalid_grant"


def test_disabling_a_person_ends_every_session_at_the_next_refresh(
    door: Door, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    found = door.tokens()
    run(identity.people.set_disabled("alice", is_disabled=True, actor="root", now=clock()))
    assert door.refresh(found["refresh_token"]).json()["error"] == "invalid_grant"
    run(identity.people.set_disabled("alice", is_disabled=False, actor="root", now=clock()))
    assert door.refresh(found["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_narrower_scope_can_be_asked_for_and_a_wider_one_not(door: Door) -> None:
    found = door.refresh(door.tokens()["refresh_token"], scope="openid").json()
    assert found["scope"] == "openid"
    again = door.refresh(found["refresh_token"], scope="openid profile email")
    assert again.json()["error"] == "invalid_scope"


def test_a_repeated_parameter_is_refused(door: Door) -> None:
    body = "grant_type=refresh_token&client_id=labpass&refresh_token=a&refresh_token=b"
    answer = raw(door, body)
    assert answer["error"] == "invalid_request"


def test_a_body_of_more_than_64_kib_is_refused(door: Door) -> None:
    body = f"grant_type=refresh_token&client_id=labpass&refresh_token={'a' * 70_000}"
    assert raw(door, body)["error"] == "invalid_request"


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", ""])
def test_only_urlencoded_bodies_are_read(door: Door, kind: str) -> None:
    body = "grant_type=refresh_token&client_id=labpass&refresh_token=a"
    assert raw(door, body, kind)["error"] == "invalid_request"


def raw(
    door: Door, body: str, kind: str = "application/x-www-form-urlencoded"
) -> Mapping[str, str]:
    answer = door.run(
        door.browser.post("/token", content=body.encode(), headers={"content-type": kind})
    )
    assert answer.status_code == 400
    found: Mapping[str, str] = answer.json()
    return found


@pytest.mark.parametrize(
    "grant", ["password", "client_credentials", "implicit", "urn:ietf:params:oauth:x"]
)
def test_other_grants_are_not_there(door: Door, grant: str) -> None:
    answer = door.token(grant_type=grant, username="alice", password="x")
    assert answer.json()["error"] == "unsupported_grant_type"


def basic(client_id: str, secret: str) -> dict[str, str]:
    text = f"{parse.quote_plus(client_id)}:{parse.quote_plus(secret)}"
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


def web_code(door: Door, client_id: str, **changes: str | None) -> str:
    page = door.authorize(client_id=client_id, redirect_uri=WEB, prompt="login", **changes)
    return query(door.sign_in(page))["code"]


def redeem_as(door: Door, code: str, **given: str) -> dict[str, str]:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": WEB}
    found: dict[str, str] = door.post("/token", form | {"code_verifier": VERIFIER} | given).json()
    return found


def test_a_confidential_client_authenticates_by_basic_or_post(
    door: Door, wiki: tuple[str, str]
) -> None:
    client_id, secret = wiki
    posted = redeem_as(door, web_code(door, client_id), client_id=client_id, client_secret=secret)
    assert claims(posted["id_token"])["aud"] == client_id
    form = {"grant_type": "authorization_code", "redirect_uri": WEB, "code_verifier": VERIFIER}
    answer = door.post(
        "/token", form | {"code": web_code(door, client_id)}, headers=basic(client_id, secret)
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("secret", ["", "wrong"])
def test_a_confidential_client_must_prove_itself(
    door: Door, wiki: tuple[str, str], secret: str
) -> None:
    client_id, _ = wiki
    found = web_code(door, client_id)
    refused = redeem_as(door, found, client_id=client_id, client_secret=secret)
    assert refused["error"] == "invalid_client"


def test_a_public_client_that_sends_a_secret_is_not_who_it_says(door: Door) -> None:
    answer = door.redeem(code(door), client_secret="made up")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_a_public_client_may_send_an_empty_secret_as_go_programs_do(door: Door) -> None:
    form = {
        "grant_type": "authorization_code",
        "code": code(door),
        "redirect_uri": LOOPBACK,
        "code_verifier": VERIFIER,
    }
    assert door.post("/token", form, headers=basic("labpass", "")).status_code == 200


def test_two_ways_to_authenticate_at_once_are_refused(door: Door, wiki: tuple[str, str]) -> None:
    client_id, secret = wiki
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_secret": secret}
    answer = door.post("/token", form, headers=basic(client_id, secret))
    assert answer.json()["error"] == "invalid_request"


def test_a_web_client_with_a_session_is_answered_silently(
    door: Door, wiki: tuple[str, str]
) -> None:
    client_id, _ = wiki
    door.sign_in(door.authorize())
    found = query(door.authorize(client_id=client_id, redirect_uri=WEB, prompt="none"))
    assert found["code"]


def test_a_client_without_pkce_cannot_be_given_a_verifier(
    door: Door, wiki: tuple[str, str]
) -> None:
    client_id, secret = wiki
    no_pkce = {"code_challenge": None, "code_challenge_method": None}
    found = web_code(door, client_id, **no_pkce)
    refused = redeem_as(door, found, client_id=client_id, client_secret=secret)
    assert refused["error"] == "invalid_grant"


def test_a_cluster_loses_its_refreshes_with_the_rule_but_the_session_stays(
    door: Door, access: None, store: database.Database
) -> None:
    page = door.authorize(client_id=AUDIENCE, redirect_uri="http://localhost:8000")
    issued = door.redeem(
        query(door.sign_in(page))["code"],
        client_id=AUDIENCE,
        redirect_uri="http://localhost:8000",
    ).json()
    assert claims(issued["id_token"])["aud"] == AUDIENCE
    assert claims(issued["id_token"])["groups"] == []
    store.write_now(lambda tx: tx.rules.remove(tx.rules.all()[0].id))
    refused = door.refresh(issued["refresh_token"], client_id=AUDIENCE)
    assert refused.json()["error"] == "invalid_target"


def test_the_pasted_code_is_not_for_another_address(door: Door) -> None:
    found = query(door.from_terminal())["code"]
    assert door.redeem(found, redirect_uri=LOOPBACK).json()["error"] == "invalid_grant"
    assert PASTED != LOOPBACK


def test_our_own_trouble_is_never_a_dead_session(door: Door, store: database.Database) -> None:
    token = door.tokens()["refresh_token"]
    store.close()
    answer = door.refresh(token)
    assert answer.status_code == 503
    assert answer.json()["error"] == "temporarily_unavailable"
