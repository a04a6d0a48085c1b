"""Attacks on the door, each by its name; those on one endpoint alone are in that one's file."""

import asyncio
import re

import httpx2
import pytest
from server.tests.conftest import ISSUER, Clock, Run
from server.tests.oidc.conftest import (
    AUDIENCE,
    LOOPBACK,
    PASSWORD,
    PASTED,
    VERIFIER,
    Door,
    claims,
    fields,
    query,
)

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.identity import clients, flood, passwords
from labpass_server.model import client, errors
from labpass_server.storage import database, transaction

OWN = "another horse, another battery"
THIEFS = "the thief's own long password"


def reset(identity: authority.Authority, run: Run, clock: Clock) -> None:
    """What an administrator does when somebody else knows alice's password."""
    given = identity.people.reset_password(
        "alice", None, is_temporary=True, actor="root", now=clock()
    )
    run(given)


def confirmation(door: Door) -> httpx2.Response:
    """Stop at the page that asks for a yes, in a browser that is signed in."""
    door.sign_in(door.authorize())
    page = door.authorize()
    assert 'name="answer"' in page.text
    return page


def register(
    identity: authority.Authority, run: Run, clock: Clock, uri: str, kind: client.Kind
) -> tuple[str, str | None]:
    new = clients.NewClient(name="app", kind=kind, redirect_uris=[uri])
    made, secret = run(identity.clients.add(new, actor="root", now=clock()))
    return made.client.id, None if secret is None else secret.reveal()


def test_a_sign_in_kept_open_over_a_password_reset_does_not_choose_the_next_password(
    door: Door, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    page = confirmation(door)
    reset(identity, run, clock)
    answer = door.confirm(page)
    assert answer.status_code == 404
    assert 'name="new_password"' not in answer.text
    stolen = fields(page) | {"new_password": THIEFS}
    assert door.post("/sign-in/new-password", stolen).status_code in {403, 404}
    assert (
        run(identity.passwords.check("alice", Secret(THIEFS), address="::1", now=clock())) is None
    )


@pytest.mark.parametrize("way", ["reset", "disabled and enabled"])
def test_a_code_kept_over_a_reset_or_a_disabling_is_worth_nothing(
    door: Door, identity: authority.Authority, run: Run, clock: Clock, way: str
) -> None:
    code = query(door.from_terminal())["code"]
    if way == "reset":
        reset(identity, run, clock)
    else:
        for is_disabled in (True, False):
            changed = identity.people.set_disabled(
                "alice", is_disabled=is_disabled, actor="root", now=clock()
            )
            run(changed)
    assert door.redeem(code, redirect_uri=PASTED).json()["error"] == "invalid_grant"


def test_a_code_kept_over_a_sign_out_is_worth_nothing(door: Door) -> None:
    code = query(door.sign_in(door.authorize()))["code"]
    door.submit(door.get("/end-session"), "/end-session", answer="yes")
    assert door.redeem(code).json()["error"] == "invalid_grant"


def test_a_confirmation_kept_over_a_sign_out_is_worth_nothing(door: Door) -> None:
    page = confirmation(door)
    cookie = door.browser.cookies["__Host-labpass-session"]
    door.submit(door.get("/end-session"), "/end-session", answer="yes")
    door.browser.cookies.set("__Host-labpass-session", cookie, domain="labpass.example.org")
    assert "location" not in door.confirm(page).headers


def test_a_password_that_was_reset_while_it_was_hashed_signs_nobody_in(
    door: Door, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    async def both() -> passwords.Proven | None:
        proven = await identity.passwords.check(
            "alice", Secret(PASSWORD), address="::1", now=clock()
        )
        await identity.people.reset_password(
            "alice", None, is_temporary=True, actor="root", now=clock()
        )
        return proven

    proven = run(both())
    assert proven is not None
    store = identity.door.sign_ins._store
    assert run(store.read(lambda tx: passwords.still(tx, proven))) is None


def test_a_hash_renewed_late_does_not_bring_the_old_password_back(
    door: Door, identity: authority.Authority, store: database.Database, run: Run, clock: Clock
) -> None:
    import argon2  # noqa: PLC0415 -- to make an old hash

    old = argon2.PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(PASSWORD)
    found = run(identity.people.get("alice"))
    store.write_now(lambda tx: tx.people.set_password(found.id, old, is_temporary=False))

    async def race() -> None:
        late = asyncio.create_task(identity.passwords._renewed(found, Secret(PASSWORD), old))
        await identity.people.reset_password(
            "alice", Secret(OWN), is_temporary=True, actor="root", now=clock()
        )
        await late

    run(race())
    check = identity.passwords.check("alice", Secret(PASSWORD), address="::1", now=clock())
    assert run(check) is None


def test_a_native_programs_own_scheme_is_answered(
    door: Door, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    uri = "org.example.app:/callback"
    made, _ = register(identity, run, clock, uri, client.Kind.PUBLIC)
    page = door.authorize(client_id=made, redirect_uri=uri)
    assert page.status_code == 200
    assert "form-action 'self' org.example.app:" in page.headers["content-security-policy"]
    assert door.sign_in(page).headers["location"].startswith(f"{uri}?")


@pytest.mark.parametrize(
    "uri", ["https://localhost:8443/cb", "https://127.0.0.1/cb", "org.example.app:/cb"]
)
def test_a_local_program_is_not_answered_from_a_cookie_alone_by_whatever_scheme(
    door: Door, identity: authority.Authority, run: Run, clock: Clock, uri: str
) -> None:
    made, _ = register(identity, run, clock, uri, client.Kind.PUBLIC)
    door.sign_in(door.authorize())
    found = query(door.authorize(client_id=made, redirect_uri=uri, prompt="none"))
    assert found["error"] == "interaction_required"


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.org:99999/cb",
        "https://app;script-src/cb",
        "https://*.example.org/cb",
        "https:///cb",
        "https://app.example.org:/cb",
        "https://[::zz]/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://app.example.org/cb",
        "https://app.example.org/cb#x",
        "https://alice@app.example.org/cb",
    ],
)
def test_an_address_that_would_break_the_policy_is_not_registered(
    identity: authority.Authority, run: Run, clock: Clock, uri: str
) -> None:
    with pytest.raises(errors.Invalid):
        register(identity, run, clock, uri, client.Kind.PUBLIC)


@pytest.mark.parametrize(
    "client_id", ["\0", "labpass\0", "labpass\n", "\uff4cabpass", "é" * 300, "x" * 9999]
)
def test_a_client_id_of_strange_characters_is_only_unknown(door: Door, client_id: str) -> None:
    assert door.authorize(client_id=client_id).status_code == 400
    answer = door.post(
        "/token", {"client_id": client_id, "grant_type": "refresh_token", "refresh_token": "x"}
    )
    assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    "name", ["alice\0", "ALICE", "\u0430lice", "alice ", "\uff41lice", "alice\u200b", "canary"]
)
def test_a_name_that_only_looks_like_hers_signs_nobody_in(door: Door, name: str) -> None:
    assert door.from_terminal(username=name).json()["error"] == "invalid_credentials"


def test_the_token_of_a_cluster_is_no_subject_token(door: Door, access: None) -> None:
    mine = door.exchange(door.tokens()["access_token"]).json()["access_token"]
    assert door.exchange(mine).json()["error"] == "invalid_grant"


def test_the_api_token_is_no_subject_token_nor_good_for_userinfo(door: Door, access: None) -> None:
    bought = door.exchange(door.tokens()["access_token"], audience=f"{ISSUER}/api/v1").json()
    assert door.exchange(bought["access_token"]).json()["error"] == "invalid_grant"
    header = {"authorization": f"Bearer {bought['access_token']}"}
    assert door.get("/userinfo", headers=header).status_code == 401


def test_a_cluster_clients_access_token_is_no_subject_token(door: Door, access: None) -> None:
    page = door.authorize(client_id=AUDIENCE, redirect_uri=LOOPBACK)
    issued = door.redeem(query(door.sign_in(page))["code"], client_id=AUDIENCE).json()
    assert door.exchange(issued["access_token"]).json()["error"] == "invalid_grant"
    refused = door.exchange(issued["access_token"], client_id=AUDIENCE)
    assert refused.json()["error"] == "unauthorized_client"


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(door: Door) -> None:
    found = door.tokens()
    header = {"authorization": f"Bearer {found['refresh_token']}"}
    assert door.get("/userinfo", headers=header).status_code == 401
    assert door.refresh(found["access_token"]).json()["error"] == "invalid_grant"
    assert door.exchange(found["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_injected_into_another_sign_in_fails_at_the_verifier(door: Door) -> None:
    stolen = query(door.from_terminal())["code"]
    refused = door.redeem(stolen, redirect_uri=PASTED, code_verifier="w" * 43)
    assert refused.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "verifier", ["", "v" * 42, "v" * 129, "v" * 42 + "\n", "v" * 42 + "é", VERIFIER + " "]
)
def test_a_verifier_of_another_shape_is_refused(door: Door, verifier: str) -> None:
    code = query(door.from_terminal())["code"]
    refused = door.redeem(code, redirect_uri=PASTED, code_verifier=verifier)
    assert refused.json()["error"] == "invalid_grant"


def test_within_the_grace_an_ended_session_stays_ended(
    door: Door, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    first = door.tokens()["refresh_token"]
    assert door.refresh(first).status_code == 200
    reset(identity, run, clock)
    assert door.refresh(first).json()["error"] == "invalid_grant"


def test_within_the_grace_a_withdrawn_rule_counts_and_costs_no_token(
    door: Door, access: None, store: database.Database
) -> None:
    page = door.authorize(client_id=AUDIENCE, redirect_uri=LOOPBACK)
    issued = door.redeem(query(door.sign_in(page))["code"], client_id=AUDIENCE).json()
    first = issued["refresh_token"]
    assert door.refresh(first, client_id=AUDIENCE).status_code == 200
    store.write_now(lambda tx: tx.rules.remove(tx.rules.all()[0].id))
    assert door.refresh(first, client_id=AUDIENCE).json()["error"] == "invalid_target"


def test_a_revoked_family_gives_no_successor_within_the_grace(door: Door) -> None:
    first = door.tokens()["refresh_token"]
    second = door.refresh(first).json()["refresh_token"]
    door.post("/revoke", {"client_id": "labpass", "token": second})
    assert door.refresh(first).json()["error"] == "invalid_grant"


def test_a_foreign_host_name_is_in_no_address_of_ours(door: Door) -> None:
    answer = door.get("/.well-known/openid-configuration", headers={"host": "evil.example"})
    assert "evil" not in answer.text
    page = door.get("/authorize", params=door.asked, headers={"host": "evil.example/x?"})
    assert "evil" not in page.text
    assert door.sign_in(page).headers["location"].startswith(LOOPBACK)


@pytest.mark.parametrize("state", ["x\r\nSet-Cookie: a=b", "x\nLocation: https://evil.example"])
def test_no_header_is_injected_by_what_is_echoed(door: Door, state: str) -> None:
    answer = door.sign_in(door.authorize(state=state))
    assert query(answer)["state"] == state
    assert "\n" not in answer.headers["location"]
    assert "a=b" not in str(answer.headers.get_list("set-cookie"))


def test_nothing_but_public_knowledge_may_be_cached(door: Door) -> None:
    answers = [
        door.authorize(),
        door.sign_in(door.authorize()),
        door.from_terminal(),
        door.token(grant_type="refresh_token", refresh_token="x"),
        door.get("/userinfo"),
        door.get("/end-session"),
        door.get("/r/AAAAAAAA"),
        door.post("/revoke", {"client_id": "labpass", "token": "x"}),
    ]
    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}
    assert "max-age=60" in door.get("/jwks").headers["cache-control"]


def test_a_stranger_cannot_fill_the_database_with_sign_ins(
    door: Door, store: database.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "EACH", 5)
    answers = [door.authorize() for _ in range(20)]
    assert [each.status_code for each in answers] == [200] * 5 + [429] * 15
    assert int(answers[-1].headers["retry-after"]) >= 1
    asked = door.asked | {"redirect_uri": PASTED}
    assert door.post("/remote", asked).status_code == 429
    assert store.write_now(lambda tx: tx.sign_ins.count()) == 5
    assert query(door.from_terminal())["code"]


def waiting(store: database.Database, network: str, many: int) -> None:
    def work(tx: transaction.Transaction) -> None:
        for _ in range(many):
            tx.connection.exec_driver_sql(
                "INSERT INTO sign_ins (hash, authorization, network, is_fresh, is_confirmed,"
                " created_at, expires_at) VALUES (randomblob(32), '{}', ?, 0, 0, 0, 9e15)",
                (network,),
            )

    store.write_now(work)


def test_networks_that_fill_the_whole_leave_the_others_a_few(
    door: Door, store: database.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flood, "FULL", 50)
    monkeypatch.setattr(flood, "FEW", 3)
    waiting(store, "203.0.113.1", 60)
    assert not store.write_now(lambda tx: flood.has_room(tx, "203.0.113.1"))
    assert [door.authorize().status_code for _ in range(5)] == [200] * 3 + [429] * 2
    monkeypatch.setattr(flood, "MOST", 60)
    assert not store.write_now(lambda tx: flood.has_room(tx, "198.51.100.1"))


def test_what_anybody_may_ask_writes_no_event(door: Door, store: database.Database) -> None:
    before = len(store.write_now(lambda tx: tx.events.latest(1000)))
    door.authorize()
    door.post("/remote", door.asked | {"redirect_uri": PASTED})
    door.token(grant_type="refresh_token", refresh_token="x")
    assert len(store.write_now(lambda tx: tx.events.latest(1000))) == before


def remote_code(door: Door) -> tuple[httpx2.Response, str]:
    asked = door.asked | {"redirect_uri": PASTED, "machine": "evil-laptop"}
    link = door.post("/remote", asked).json()["link"].removeprefix(ISSUER)
    page = door.sign_in(door.get(link))
    found = re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", page.text)
    assert found is not None
    return page, found[0]


def test_a_code_that_was_cancelled_is_worth_nothing(door: Door) -> None:
    page, code = remote_code(door)
    answer = door.submit(page, "/sign-in/cancel")
    assert answer.status_code == 200
    assert "cancelled" in answer.text
    assert door.redeem(code, redirect_uri=PASTED).json()["error"] == "invalid_grant"


def test_cancelling_ends_what_a_faster_thief_has_begun(
    door: Door, store: database.Database
) -> None:
    page, code = remote_code(door)
    stolen = door.redeem(code, redirect_uri=PASTED).json()
    door.submit(page, "/sign-in/cancel")
    assert door.refresh(stolen["refresh_token"]).json()["error"] == "invalid_grant"
    latest = store.write_now(lambda tx: tx.events.latest(1))[0]
    assert (latest.kind, latest.actor) == ("remote.cancelled", "alice")


def test_cancelling_twice_or_what_never_was_is_nothing(
    door: Door, store: database.Database
) -> None:
    page, _ = remote_code(door)
    door.submit(page, "/sign-in/cancel")
    hidden = fields(page) | {"transaction": "made up"}
    assert door.post("/sign-in/cancel", hidden).status_code == 200
    foreign = door.post("/sign-in/cancel", hidden, headers={"sec-fetch-site": "cross-site"})
    assert foreign.status_code == 403


def test_an_auditor_sees_who_entered_which_cluster_once_a_session(
    door: Door, access: None, store: database.Database
) -> None:
    for _ in range(2):
        found = door.tokens()
        for _ in range(3):
            assert door.exchange(found["access_token"]).status_code == 200
        assert door.refresh(found["refresh_token"]).status_code == 200
    page = door.authorize(client_id=AUDIENCE, redirect_uri=LOOPBACK)
    issued = door.redeem(query(door.sign_in(page))["code"], client_id=AUDIENCE).json()
    assert claims(issued["id_token"])["aud"] == AUDIENCE
    assert door.refresh(issued["refresh_token"], client_id=AUDIENCE).status_code == 200
    events = store.write_now(lambda tx: tx.events.latest(100))
    entered = [each for each in events if each.kind == "cluster.entered"]
    assert [(each.actor, each.subject) for each in entered] == [("alice", "alpha")] * 3
    assert [each.detail["client"] for each in entered] == [AUDIENCE, "labpass", "labpass"]
