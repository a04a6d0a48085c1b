"""What somebody with a valid token tries at the door."""

import asyncio
import functools
from typing import Any

import pytest

from labpass_server.access import founding
from labpass_server.access import refusals as keeping
from labpass_server.access import rules as use
from labpass_server.access.caller import Caller
from labpass_server.model import errors, rule
from labpass_server.model.handle import Handle
from labpass_server.storage import database, migration
from labpass_server.storage.transaction import Transaction


@pytest.fixture
def lab(api: Any) -> Any:
    """Root's door with two projects, dana who administers one, and alice without a rule."""
    for name in ("dana", "alice"):
        api.as_(name)
    api.ask("POST", "/clusters", {"name": "lab"}, status=201)
    for name, hidden in (("vision", False), ("secret", True)):
        body = {"name": name, "clusters": ["lab"], "hidden": hidden}
        api.ask("POST", "/projects", body, status=201)
    give(api, "dana", "project-administrator", "vision")
    return api


def give(api: Any, person: str, role: str, project: str | None = None) -> str:
    scope = {"scope": "organisation"} if project is None else {"scope": "project"}
    body = {"person": person, "role": role, **scope, **({"project": project} if project else {})}
    made: str = api.ask("POST", "/rules", body, status=201)["id"]
    return made


def refusals(api: Any) -> list[Any]:
    found = api.store.write_now(lambda tx: tx.events.latest(100))
    return [each for each in found if each.kind == "access.refused"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/projects/{}", None),
        ("PATCH", "/projects/{}", {"hidden": False}),
        ("POST", "/rules", {"person": "alice", "role": "viewer", "scope": "project"}),
    ],
)
def test_a_hidden_project_and_one_that_is_not_are_told_apart_by_nothing(
    lab: Any, method: str, path: str, body: Any
) -> None:
    """By a project administrator of another project, who gets past the first look."""
    answers = []
    for name in ("secret", "absent"):
        asked = {**body, "project": name} if body and "scope" in body else body
        answer = lab.as_("dana").call(method, path.format(name), asked)
        document = answer.json()
        document.pop("id")
        answers.append((answer.status_code, str(document).replace(name, "NAME")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_a_hidden_project_shows_in_no_list_and_no_refusal(lab: Any) -> None:
    give(lab, "alice", "project-administrator", "secret")
    dana = lab.as_("dana")
    for path in ("/projects", "/rules", "/me", "/me/projects"):
        assert "secret" not in dana.call("GET", path).text
    refused = dana.call("POST", "/projects", {"name": "secret"})
    assert refused.status_code == 403
    assert "alice" not in refused.text


def test_a_rule_of_another_project_is_as_unknown_as_one_that_is_not(lab: Any) -> None:
    foreign = give(lab, "alice", "viewer", "secret")
    for method, body in (("GET", None), ("PATCH", {"role": "researcher"}), ("DELETE", None)):
        answer = lab.as_("dana").call(method, f"/rules/{foreign}", body)
        assert answer.status_code == 404
    assert lab.ask("GET", f"/rules/{foreign}")["role"] == "viewer"


@pytest.mark.parametrize(
    "more",
    [
        {"created_by": "root"},
        {"id": "chosen"},
        {"revision": 0},
        {"subject": "dana"},
        {"state": "applied"},
    ],
)
def test_no_field_is_set_that_is_not_ones_own_to_say(lab: Any, more: dict[str, Any]) -> None:
    body = {"person": "alice", "role": "viewer", "scope": "project", "project": "vision", **more}
    lab.as_("dana").ask("POST", "/rules", body, status=400)


def test_a_rule_cannot_be_moved_to_another_scope_or_person(lab: Any) -> None:
    given = give(lab, "alice", "viewer", "vision")
    for more in ({"project": "secret"}, {"scope": "organisation"}, {"person": "dana"}):
        lab.as_("dana").ask("PATCH", f"/rules/{given}", more, status=400)


def test_a_rule_is_not_ended_in_the_past(lab: Any) -> None:
    given = give(lab, "alice", "viewer", "vision")
    body = {"ends_at": "2020-01-01T00:00:00Z"}
    assert lab.ask("PATCH", f"/rules/{given}", body, status=400)["field"] == "ends_at"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/projects/vision?dry_run=true"),
        ("DELETE", "/clusters/lab?dry_run=true"),
        ("DELETE", "/rules/{}?dry_run=true&dry_run=false"),
        ("DELETE", "/rules/{}?dryRun=true"),
        ("DELETE", "/rules/{}?dry_run=perhaps"),
    ],
)
def test_a_dry_run_that_a_route_does_not_know_is_refused_and_writes_nothing(
    lab: Any, method: str, path: str
) -> None:
    given = give(lab, "alice", "viewer", "vision")
    lab.ask(method, path.format(given), status=400)
    lab.ask("GET", "/projects/vision")
    lab.ask("GET", "/clusters/lab")
    lab.ask("GET", f"/rules/{given}")


def test_a_dry_run_leaves_neither_event_nor_revision(lab: Any) -> None:
    given = give(lab, "alice", "viewer", "vision")

    def state(tx: Any) -> tuple[int, int]:
        return tx.revisions.current(), len(tx.events.latest(1000))

    before = lab.store.write_now(state)
    body = {"person": "alice", "role": "viewer", "scope": "project", "project": "vision"}
    lab.ask("POST", "/rules?dry_run=true", body)
    lab.ask("PATCH", f"/rules/{given}?dry_run=true", {"role": "researcher"})
    lab.ask("DELETE", f"/rules/{given}?dry_run=true")
    assert lab.store.write_now(state) == before


def test_a_dry_run_needs_the_same_power(lab: Any) -> None:
    body = {"person": "dana", "role": "viewer", "scope": "project", "project": "vision"}
    lab.as_("alice").ask("POST", "/rules?dry_run=true", body, status=403)


def test_of_two_administrators_who_disable_each_other_at_once_one_is_left(lab: Any) -> None:
    one, two = lab.as_("one"), lab.as_("two")
    for name in ("one", "two"):
        lab.store.write_now(lambda tx, name=name: founding.found(tx, Handle(name), now=lab.clock()))
    lab.as_("one").ask("PATCH", "/people/root", {"disabled": True})

    async def both() -> list[Any]:
        return await asyncio.gather(
            *(
                me.http.request(
                    "PATCH",
                    f"/api/v1/people/{other}",
                    json={"disabled": True},
                    headers={"Authorization": f"Bearer {me.token}"},
                )
                for me, other in ((one, "two"), (two, "one"))
            )
        )

    statuses = sorted(each.status_code for each in lab.run(both()))
    assert statuses[0] == 200
    assert statuses[1] in {401, 403, 409}
    barred = lab.store.write_now(lambda tx: tx.rules.barred())
    assert len(barred & {"one", "two"}) == 1


def test_a_refusal_names_who_can_grant(lab: Any) -> None:
    body = {"person": "dana", "role": "viewer", "scope": "project", "project": "vision"}
    answer = lab.as_("alice").ask("POST", "/rules", body, status=403)
    assert answer["grantors"] == ["root"]
    assert answer["detail"].endswith("; root can grant it")


def test_everybody_who_may_know_a_project_knows_who_can_give_access_to_it(lab: Any) -> None:
    alice = lab.as_("alice")
    assert alice.ask("GET", "/projects/vision")["grantors"] == ["dana"]
    (listed,) = alice.ask("GET", "/projects")["items"]
    assert listed["grantors"] == ["dana"]
    assert lab.ask("GET", "/projects/secret")["grantors"] == ["root"]


def test_a_disabled_administrator_is_nobody_to_ask(lab: Any) -> None:
    lab.ask("PATCH", "/people/dana", {"disabled": True})
    assert lab.as_("alice").ask("GET", "/projects/vision")["grantors"] == ["root"]


def test_refusals_leave_an_event_and_no_flood(lab: Any, clock: Any) -> None:
    alice = lab.as_("alice")
    for _ in range(20):
        alice.ask("GET", "/people", status=403)
    alice.ask("GET", "/people/root", status=403)
    assert [(each.actor, each.subject) for each in refusals(lab)] == [
        ("alice", "GET /people/{handle}"),
        ("alice", "GET /people"),
    ]
    clock.turn(minutes=9, seconds=59)
    alice.ask("GET", "/people", status=403)
    clock.turn(seconds=1)
    lab.store.write_now(lambda tx: lab.people.update(alice=lab._sign_in(tx, "alice")))
    lab.as_("alice").ask("GET", "/people", status=403)
    (latest, *_) = refusals(lab)
    assert latest.detail["repeated"] == "20"
    assert "person.read" in latest.detail["reason"]


def test_refusals_of_many_fill_no_memory(lab: Any) -> None:
    noted = keeping.Refusals(store=lab.store)
    for number in range(keeping.MOST + 5):
        who = Caller(handle=Handle(f"p{number}"))
        lab.run(noted.note(who, "GET /people", "no", now=lab.clock()))
    assert len(noted._lately) == keeping.MOST


def test_one_api_server_is_not_connected_twice(lab: Any) -> None:
    lab.ask("POST", "/clusters", {"name": "again"}, status=201)
    body = {
        "server": "https://lab.example.org:6443",
        "token": "good",
        "token_expires_at": "2026-12-02T00:00:00Z",
        "installed_definition": "d",
    }
    lab.ask("PUT", "/clusters/lab/connection", body)
    lab.ask("PUT", "/clusters/lab/connection", body)
    refused = lab.ask("PUT", "/clusters/again/connection", body, status=409)
    assert "cluster lab" in refused["detail"]


def test_no_connection_is_tried_for_who_may_not_set_one(lab: Any) -> None:
    body = {
        "server": "https://169.254.169.254",
        "token": "good",
        "token_expires_at": "2026-12-02T00:00:00Z",
        "installed_definition": "d",
    }
    for name in ("dana", "alice"):
        lab.as_(name).ask("PUT", "/clusters/lab/connection", body, status=403)


def _rules_of(tx: Transaction, *, name: Handle) -> list[rule.Rule]:
    return list(tx.rules.of(rule.person(name)))


@pytest.mark.slow
def test_of_two_withdrawals_of_the_last_two_administrators_one_is_refused_on_postgresql(
    postgres_url: str, clock: Any, run: Any
) -> None:
    opened = database.Database(postgres_url)
    migration.migrate(opened.engine)
    names = (Handle("one"), Handle("two"))
    for name in names:
        opened.write_now(functools.partial(founding.found, handle=name, now=clock()))
    ids = [opened.write_now(functools.partial(_rules_of, name=name))[0].id for name in names]
    done: list[str] = []

    async def withdraw(who: Handle, rule_id: str) -> None:
        both = use.Rules(store=opened, changed=lambda: None)
        try:
            await both.withdraw(Caller(handle=who), rule_id, now=clock())
            done.append(who)
        except errors.Conflict:
            return

    async def together() -> None:
        await asyncio.gather(*map(withdraw, names, ids))

    run(together())
    opened.close()
    assert len(done) == 1
