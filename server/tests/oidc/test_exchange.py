import pytest
from joserfc import jwk, jwt
from server.tests.conftest import ISSUER, Clock, Run
from server.tests.oidc.conftest import AUDIENCE, TYPES, Door, query

from labpass_server.app import authority
from labpass_server.model import cluster
from labpass_server.storage import database

API = f"{ISSUER}/api/v1"


def test_a_session_buys_a_token_for_a_cluster(door: Door, access: None, clock: Clock) -> None:
    answer = door.exchange(door.tokens()["access_token"]).json()
    assert answer["issued_token_type"] == f"{TYPES}id_token"
    assert answer["token_type"] == "N_A"
    assert answer["expires_in"] == 900
    assert "refresh_token" not in answer
    keys = jwk.KeySet.import_key_set(door.get("/jwks").json())
    said = jwt.decode(answer["access_token"], keys, algorithms=["RS256"]).claims
    assert said["aud"] == AUDIENCE
    assert said["preferred_username"] == "alice"
    assert said["groups"] == []
    assert said["exp"] - said["iat"] == 900
    assert said["auth_time"] <= said["iat"] == int(clock().timestamp())
    assert said["jti"]
    assert "nonce" not in said


def test_a_cluster_may_want_another_algorithm(
    door: Door, access: None, store: database.Database
) -> None:
    elsewhere = cluster.Cluster(
        id=cluster.ClusterId("c2"),
        name="beta",
        audience="labpass-beta-h4g5f6d7",
        installation="i1",
        server=None,
        certificate_authority=None,
        username_prefix="labpass:",
        groups_prefix="labpass:",
        algorithm=cluster.Algorithm.ES256,
        created_at=store.write_now(lambda tx: tx.clusters.all()[0].created_at),
    )
    store.write_now(lambda tx: tx.clusters.add(elsewhere))
    token = door.exchange(door.tokens()["access_token"], elsewhere.audience).json()["access_token"]
    keys = jwk.KeySet.import_key_set(door.get("/jwks").json())
    assert jwt.decode(token, keys, algorithms=["ES256"]).claims["aud"] == elsewhere.audience


def test_without_a_rule_there_is_no_token_and_it_says_who_could_help(
    door: Door, alpha: cluster.Cluster
) -> None:
    answer = door.exchange(door.tokens()["access_token"])
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_target"
    assert "alpha" in answer.json()["error_description"]
    assert "administrator" in answer.json()["error_description"]


def test_a_cluster_nobody_recorded_has_no_tokens(door: Door) -> None:
    answer = door.exchange(door.tokens()["access_token"], "labpass-omega-aaaaaaaa")
    assert answer.json()["error"] == "invalid_target"


def test_a_withdrawn_rule_counts_at_the_next_exchange(
    door: Door, access: None, store: database.Database
) -> None:
    token = door.tokens()["access_token"]
    assert door.exchange(token).status_code == 200
    store.write_now(lambda tx: tx.rules.remove(tx.rules.all()[0].id))
    assert door.exchange(token).json()["error"] == "invalid_target"


def test_a_session_buys_a_token_for_the_api(
    door: Door, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    from labpass.secret import Secret  # noqa: PLC0415 -- one use

    answer = door.exchange(door.tokens()["access_token"], API).json()
    assert answer["issued_token_type"] == f"{TYPES}access_token"
    assert answer["token_type"] == "Bearer"
    token = Secret(answer["access_token"])
    found = run(identity.bearers.find(token, audience=API, now=clock()))
    assert found is not None
    assert found.person.handle == "alice"


def test_a_token_of_one_audience_is_none_of_another(door: Door, access: None) -> None:
    first = door.tokens()["access_token"]
    for_api = door.exchange(first, API).json()["access_token"]
    assert door.exchange(for_api).json()["error"] == "invalid_grant"
    bearer = {"authorization": f"Bearer {for_api}"}
    assert door.get("/userinfo", headers=bearer).status_code == 401


def test_an_id_token_is_no_access_token(door: Door, access: None) -> None:
    assert door.exchange(door.tokens()["id_token"]).json()["error"] == "invalid_grant"


def test_a_refresh_token_is_no_access_token(door: Door, access: None) -> None:
    assert door.exchange(door.tokens()["refresh_token"]).json()["error"] == "invalid_grant"


def test_another_client_cannot_exchange(door: Door, access: None) -> None:
    page = door.authorize(client_id=AUDIENCE, redirect_uri="http://localhost:8000")
    issued = door.redeem(
        query(door.sign_in(page))["code"],
        client_id=AUDIENCE,
        redirect_uri="http://localhost:8000",
    ).json()
    answer = door.exchange(issued["access_token"], client_id=AUDIENCE)
    assert answer.json()["error"] == "unauthorized_client"


def test_the_command_line_cannot_exchange_another_clients_token(door: Door, access: None) -> None:
    page = door.authorize(client_id=AUDIENCE, redirect_uri="http://localhost:8000")
    issued = door.redeem(
        query(door.sign_in(page))["code"],
        client_id=AUDIENCE,
        redirect_uri="http://localhost:8000",
    ).json()
    assert door.exchange(issued["access_token"]).json()["error"] == "invalid_grant"


def test_an_old_access_token_buys_nothing(door: Door, access: None, clock: Clock) -> None:
    token = door.tokens()["access_token"]
    clock.turn(minutes=10)
    assert door.exchange(token).json()["error"] == "invalid_grant"


def test_a_disabled_persons_token_buys_nothing(
    door: Door, access: None, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    token = door.tokens()["access_token"]
    run(identity.people.set_disabled("alice", is_disabled=True, actor="root", now=clock()))
    assert door.exchange(token).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "changes",
    [
        {"subject_token_type": f"{TYPES}id_token"},
        {"requested_token_type": f"{TYPES}access_token"},
        {"requested_token_type": f"{TYPES}refresh_token"},
        {"actor_token": "x"},
        {"audience": ""},
    ],
)
def test_other_exchanges_are_not_there(door: Door, access: None, changes: dict[str, str]) -> None:
    token = door.tokens()["access_token"]
    answer = door.token(
        **{
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": token,
            "subject_token_type": f"{TYPES}access_token",
            "audience": AUDIENCE,
        }
        | changes
    )
    assert answer.json()["error"] == "invalid_request"
