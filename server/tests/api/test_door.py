from datetime import timedelta
from typing import Any

import pytest

from labpass.secret import Secret
from labpass_server.api import door
from labpass_server.api.route import Route
from labpass_server.app import authority
from labpass_server.identity import digest
from labpass_server.model import authorization, client, session
from labpass_server.web.route import Public

HIDDEN = {"name": "secret", "clusters": [], "hidden": True}


@pytest.fixture
def lab(api: Any) -> Any:
    """A cluster, two projects, alice who researches in one of them."""
    api.ask("POST", "/clusters", {"name": "lab"}, status=201)
    for name in ("vision", "speech"):
        api.ask("POST", "/projects", {"name": name, "clusters": ["lab"]}, status=201)
    for name in ("alice", "bob"):
        api.as_(name)
    rule = {"person": "alice", "role": "researcher", "scope": "project", "project": "vision"}
    api.ask("POST", "/rules", rule, status=201)
    return api


def rule_of(person: str, role: str, project: str | None = None, **more: Any) -> dict[str, Any]:
    scope = {"scope": "organisation"} if project is None else {"scope": "project"}
    named = {} if project is None else {"project": project}
    return {"person": person, "role": role, **scope, **named, **more}


def test_without_a_token_nobody_is_told_anything(api: Any) -> None:
    api.token = None
    for each in api.table:
        if each.path == "/openapi.json":
            continue
        answer = api.call(each.method, each.path)
        assert answer.status_code == 401, each
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic abc", "Bearer nonsense", "Bearer " + "x" * 5000]
)
def test_a_strange_authorization_is_refused(api: Any, header: str) -> None:
    assert api.call("GET", "/me", headers={"Authorization": header}).status_code == 401


def test_a_token_of_another_audience_is_refused(api: Any) -> None:
    from_userinfo = api.store.write_now(
        lambda tx: _foreign_token(tx, api.clock()),
    )
    api.token = from_userinfo
    assert api.call("GET", "/me").status_code == 401


def _foreign_token(tx: Any, now: Any) -> str:
    person = tx.people.find_by_handle("root")
    session_id = session.SessionId("foreign")
    scope = (authorization.Scope.OPENID,)
    tx.sessions.add(
        session.Session(
            id=session_id,
            person_id=person.id,
            client_id=client.LABPASS,
            browser_id=None,
            scope=scope,
            authenticated_at=now,
            created_at=now,
            expires_at=now + timedelta(hours=1),
        )
    )
    tx.access_tokens.add(
        digest.of(Secret("foreign")),
        session.NewAccessToken(
            session_id=session_id,
            audience="",
            scope=scope,
            expires_at=now + timedelta(minutes=10),
        ),
    )
    return "foreign"


def test_a_token_ends(api: Any, clock: Any) -> None:
    api.ask("GET", "/me")
    clock.turn(minutes=11)
    assert api.call("GET", "/me").status_code == 401


def test_me_says_who_i_am_and_what_i_hold(lab: Any) -> None:
    me = lab.as_("alice").ask("GET", "/me")
    assert me["handle"] == "alice"
    assert me["roles"] == [
        {"role": "researcher", "scope": "project", "project": "vision", "ends_at": None}
    ]


def test_my_projects_say_how_to_reach_them(lab: Any) -> None:
    (mine,) = lab.as_("alice").ask("GET", "/me/projects")["items"]
    assert mine["project"] == "vision"
    assert mine["namespace"] == "labpass-vision"
    assert mine["audience"].startswith("labpass-lab-")
    assert lab.as_("bob").ask("GET", "/me/projects")["items"] == []


def test_everybody_sees_the_names_of_projects_but_no_namespaces(lab: Any) -> None:
    seen = lab.as_("bob").ask("GET", "/projects")["items"]
    assert [(each["name"], each["namespaces"]) for each in seen] == [("speech", []), ("vision", [])]
    (place,) = lab.as_("alice").ask("GET", "/projects/vision")["namespaces"]
    assert place == {"cluster": "lab", "namespace": "labpass-vision", "state": "pending"}


def test_a_hidden_project_answers_as_one_that_is_not(lab: Any) -> None:
    lab.ask("POST", "/projects", HIDDEN, status=201)
    bob = lab.as_("bob")
    assert "secret" not in [each["name"] for each in bob.ask("GET", "/projects")["items"]]
    for path in ("/projects/{}", "/projects/{}"):
        hidden, unknown = (bob.call("GET", path.format(name)) for name in ("secret", "absent"))
        assert hidden.status_code == unknown.status_code == 404
        assert hidden.json()["detail"].replace("secret", "absent") == unknown.json()["detail"]


def test_a_hidden_project_is_known_to_who_may_use_it(lab: Any) -> None:
    lab.ask("POST", "/projects", HIDDEN, status=201)
    lab.ask("POST", "/rules", rule_of("bob", "viewer", "secret"), status=201)
    lab.as_("bob").ask("GET", "/projects/secret")


def test_a_rule_is_given_changed_and_withdrawn(lab: Any) -> None:
    made = lab.ask("POST", "/rules", rule_of("bob", "viewer", "speech", reason="x"), status=201)
    assert made["state"] == "pending"
    changed = lab.ask("PATCH", f"/rules/{made['id']}", {"role": "researcher"})
    assert (changed["role"], changed["reason"]) == ("researcher", "x")
    lab.ask("DELETE", f"/rules/{made['id']}", status=204)
    lab.ask("GET", f"/rules/{made['id']}", status=404)


def test_a_rule_ends_by_itself(lab: Any, clock: Any) -> None:
    ends = (clock() + timedelta(minutes=5)).isoformat()
    made = lab.ask("POST", "/rules", rule_of("bob", "viewer", "speech", ends_at=ends), status=201)
    assert lab.as_("bob").ask("GET", "/me/projects")["items"]
    clock.turn(minutes=5)
    assert lab.as_("bob").ask("GET", "/me/projects")["items"] == []
    assert lab.ask("GET", f"/rules/{made['id']}")["state"] == "expired"


def test_a_dry_run_tells_and_changes_nothing(lab: Any) -> None:
    before = lab.ask("GET", "/rules")
    plan = lab.ask("POST", "/rules?dry_run=true", rule_of("bob", "viewer", "vision"))
    assert plan["gains"] == [
        {
            "person": "bob",
            "project": "vision",
            "cluster": "lab",
            "namespace": "labpass-vision",
            "permission_set": "view",
        }
    ]
    assert [each["action"] for each in plan["objects"]] == ["change"]
    (rule,) = [each for each in before["items"] if each["person"] == "alice"]
    gone = lab.ask("DELETE", f"/rules/{rule['id']}?dry_run=true")
    assert len(gone["loses"]) == 4
    assert [each["action"] for each in gone["objects"]] == ["change"] * 4  # root stays in them
    lab.ask("PATCH", f"/rules/{rule['id']}?dry_run=true", {"role": "viewer"})
    assert lab.ask("GET", "/rules") == before


def test_nobody_grants_what_they_lack(lab: Any) -> None:
    lab.ask("POST", "/rules", rule_of("bob", "project-administrator", "speech"), status=201)
    bob = lab.as_("bob")
    lab.as_("carol")
    bob.ask("POST", "/rules", rule_of("carol", "researcher", "speech"), status=201)
    bob.ask("POST", "/rules", rule_of("carol", "researcher", "vision"), status=403)
    bob.ask("POST", "/rules", rule_of("carol", "researcher"), status=403)
    bob.ask("POST", "/rules", rule_of("carol", "organisation-administrator"), status=403)
    bob.ask("POST", "/rules", rule_of("carol", "organisation-administrator", "speech"), status=403)


def test_nobody_writes_a_rule_about_themselves(lab: Any, clock: Any) -> None:
    ends = (clock() + timedelta(hours=1)).isoformat()
    role = "project-administrator"
    made = lab.ask("POST", "/rules", rule_of("bob", role, "speech", ends_at=ends), status=201)
    bob = lab.as_("bob")
    bob.ask("POST", "/rules", rule_of("bob", "viewer", "speech", ends_at=ends), status=403)
    bob.ask("PATCH", f"/rules/{made['id']}", {"ends_at": None}, status=403)
    bob.ask("DELETE", f"/rules/{made['id']}", status=204)


def test_nobody_grants_longer_than_they_hold_it(lab: Any, clock: Any) -> None:
    soon, late = ((clock() + timedelta(hours=each)).isoformat() for each in (1, 2))
    role = "project-administrator"
    lab.ask("POST", "/rules", rule_of("bob", role, "speech", ends_at=soon), status=201)
    bob = lab.as_("bob")
    lab.as_("carol")
    bob.ask("POST", "/rules", rule_of("carol", "viewer", "speech"), status=403)
    bob.ask("POST", "/rules", rule_of("carol", "viewer", "speech", ends_at=late), status=403)
    made = bob.ask("POST", "/rules", rule_of("carol", "viewer", "speech", ends_at=soon), status=201)
    bob.ask("PATCH", f"/rules/{made['id']}", {"ends_at": late}, status=403)


def test_the_last_administrator_stays(lab: Any) -> None:
    (last,) = [each for each in lab.ask("GET", "/rules")["items"] if each["person"] == "root"]
    lab.ask("DELETE", f"/rules/{last['id']}", status=409)
    lab.ask("PATCH", "/people/root", {"disabled": True}, status=409)
    another = lab.ask("POST", "/rules", rule_of("bob", "organisation-administrator"), status=201)
    lab.as_("bob").ask("PATCH", f"/rules/{last['id']}", {"role": "viewer"})
    lab.as_("bob").ask("DELETE", f"/rules/{another['id']}", status=409)


def test_a_disabled_administrator_does_not_count_as_one(lab: Any) -> None:
    lab.ask("POST", "/rules", rule_of("bob", "organisation-administrator"), status=201)
    lab.ask("PATCH", "/people/bob", {"disabled": True})
    (last,) = [each for each in lab.ask("GET", "/rules")["items"] if each["person"] == "root"]
    lab.ask("DELETE", f"/rules/{last['id']}", status=409)


def test_an_administrator_until_friday_takes_over_no_account(lab: Any, clock: Any) -> None:
    ends = (clock() + timedelta(hours=1)).isoformat()
    role = "organisation-administrator"
    lab.ask("POST", "/rules", rule_of("bob", role, ends_at=ends), status=201)
    lab.as_("bob").ask("POST", "/people/root/password", {}, status=403)
    lab.as_("bob").ask("POST", "/people/alice/password", {}, status=403)


def test_a_disabled_person_is_nobody_at_once(lab: Any) -> None:
    lab.ask("PATCH", "/people/alice", {"disabled": True})
    assert lab.as_("alice").call("GET", "/me").status_code == 401


def test_a_person_is_added_with_a_password_shown_once(lab: Any) -> None:
    made = lab.ask("POST", "/people", {"handle": "dave"}, status=201)
    assert len(made["temporary_password"]) > 12
    assert made["password_is_temporary"]
    assert lab.ask("GET", "/people/dave")["temporary_password"] is None
    lab.ask("POST", "/people", {"handle": "dave"}, status=409)


@pytest.mark.parametrize("handle", ["system.x", "kube", "labpass-x", "canary", "sa.x", "A", "a b"])
def test_reserved_handles_are_refused(lab: Any, handle: str) -> None:
    answer = lab.call("POST", "/people", {"handle": handle})
    assert (answer.status_code, answer.json()["field"]) == (400, "handle")


def test_a_cluster_is_recorded_bundled_connected_and_removed(
    api: Any, identity: authority.Authority
) -> None:
    api.run(identity.keys.rotate(api.clock()))
    made = api.ask("POST", "/clusters", {"name": "lab"}, status=201)
    assert made["state"] == "recorded"
    assert made["username_prefix"] == "labpass:"
    bundle = api.ask("POST", "/clusters/lab/bundle", {"lifetime_minutes": 5})
    assert bundle["trust"]["audiences"] == [made["audience"]]
    assert bundle["canary"]["username"] == "labpass:canary"
    assert bundle["canary"]["token"].count(".") == 2
    link = {
        "server": "https://127.0.0.1:6443",
        "token": "good",
        "token_expires_at": "2026-12-20T00:00:00Z",
        "installed_definition": "abc",
    }
    connected = api.ask("PUT", "/clusters/lab/connection", link)
    assert (connected["state"], connected["server"]) == ("connected", link["server"])
    api.ask("DELETE", "/clusters/lab/connection", status=204)
    assert api.ask("GET", "/clusters/lab")["state"] == "recorded"
    api.ask("DELETE", "/clusters/lab", status=204)
    api.ask("GET", "/clusters/lab", status=404)


def test_a_token_that_is_not_our_accounts_is_not_kept(api: Any) -> None:
    api.ask("POST", "/clusters", {"name": "lab"}, status=201)
    link = {
        "server": "https://127.0.0.1:6443",
        "token": "an administrator's",
        "token_expires_at": "2026-12-20T00:00:00Z",
        "installed_definition": "abc",
    }
    answer = api.call("PUT", "/clusters/lab/connection", link)
    assert (answer.status_code, answer.json()["field"]) == (400, "token")
    assert "administrator" not in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"server": "http://plain"},
        {"server": "https://user:pass@host"},
        {"server": "https://host/?q"},
        {"ca": "-----BEGIN PRIVATE KEY-----\nAA\n-----END PRIVATE KEY-----"},
        {"username_prefix": ""},
        {"username_prefix": "system:"},
        {"username_prefix": "kubeadm:"},
        {"username_prefix": "none"},
        {"algorithm": "HS256"},
        {"unknown": 1},
    ],
)
def test_a_dangerous_cluster_is_refused(api: Any, wrong: dict[str, Any]) -> None:
    assert api.call("POST", "/clusters", {"name": "lab", **wrong}).status_code == 400


@pytest.mark.parametrize("name", ["default", "kube-system", "system", "UPPER", "-x", "x" * 41])
def test_reserved_project_names_are_refused(api: Any, name: str) -> None:
    assert api.call("POST", "/projects", {"name": name}).status_code == 400


@pytest.mark.parametrize("namespace", ["default", "kube-system", "labpass-system", "openshift-x"])
def test_a_namespace_of_the_system_is_refused(lab: Any, namespace: str) -> None:
    body = {"name": "x", "clusters": ["lab"], "namespace": namespace}
    assert lab.call("POST", "/projects", body).status_code == 400


def test_two_projects_never_share_a_namespace(lab: Any) -> None:
    body = {"name": "x", "clusters": ["lab"], "namespace": "labpass-vision"}
    assert lab.call("POST", "/projects", body).status_code == 409


def test_a_project_that_goes_takes_its_rules_along(lab: Any) -> None:
    gone = lab.ask("DELETE", "/projects/vision")
    assert gone["namespaces"][0]["namespace"] == "labpass-vision"
    assert [each["person"] for each in lab.ask("GET", "/rules")["items"]] == ["root"]
    assert lab.as_("alice").ask("GET", "/me/projects")["items"] == []


def test_a_confidential_client_is_shown_its_secret_once(api: Any) -> None:
    body = {
        "name": "grafana",
        "type": "confidential",
        "redirect_uris": ["https://grafana.example.org/login/generic_oauth"],
        "pkce": "optional",
    }
    made = api.ask("POST", "/clients", body, status=201)
    assert made["client_secret"]
    assert api.ask("GET", f"/clients/{made['client_id']}")["client_secret"] is None
    api.ask("DELETE", f"/clients/{made['client_id']}", status=204)


def test_every_change_is_an_event_with_its_actor(lab: Any) -> None:
    kinds = {each.kind: each.actor for each in lab.store.write_now(lambda tx: tx.events.latest(50))}
    assert kinds["cluster.added"] == kinds["project.added"] == kinds["rule.granted"] == "root"


def test_the_description_names_every_route(api: Any) -> None:
    api.token = None
    paths = api.ask("GET", "/openapi.json")["paths"]
    named = {(method.upper(), path) for path, item in paths.items() for method in item}
    assert named == {(each.method, each.path) for each in api.table if each.path != "/openapi.json"}


def test_a_route_that_states_no_need_is_not_served(api: Any) -> None:
    async def handler() -> None:
        pass

    for needs in (None, "", Public(" ")):
        with pytest.raises(ValueError, match="does not state"):
            door.build([Route("GET", "/x", handler, needs)], None)  # type: ignore[arg-type]
