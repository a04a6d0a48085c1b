import pytest
from server.tests.conftest import ISSUER, Clock, Run
from server.tests.oidc.conftest import LOOPBACK, PASSWORD, PASTED, Door, query

from labpass_server.app import authority

OWN = "another horse, another battery"


def test_a_right_password_gets_an_ordinary_code(door: Door) -> None:
    answer = door.from_terminal()
    assert answer.headers["location"].startswith(f"{PASTED}?")
    found = query(answer)
    assert found["iss"] == ISSUER
    assert found["state"] == "state-1"
    assert door.redeem(found["code"], redirect_uri=PASTED).status_code == 200


def test_no_browser_is_signed_in_by_it(door: Door) -> None:
    assert "set-cookie" not in door.from_terminal().headers


@pytest.mark.parametrize(
    "changes", [{"password": "not the password"}, {"username": "nobody"}, {"username": "canary"}]
)
def test_unknown_and_wrong_are_told_alike(door: Door, changes: dict[str, str]) -> None:
    answer = door.from_terminal(**changes)
    assert answer.status_code == 401
    assert answer.json() == {
        "error": "invalid_credentials",
        "error_description": "user name or password is wrong",
    }


def test_a_disabled_person_is_told_the_same(
    door: Door, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    run(identity.people.set_disabled("alice", is_disabled=True, actor="root", now=clock()))
    assert door.from_terminal().json()["error"] == "invalid_credentials"


def test_without_the_header_a_password_is_only_a_parameter_nobody_reads(door: Door) -> None:
    typed = {"username": "alice", "password": PASSWORD}
    page = door.post("/authorize", door.asked | typed)
    assert page.status_code == 200
    assert PASSWORD not in page.text


def test_credentials_in_the_query_are_never_taken(door: Door) -> None:
    answer = door.get(
        "/authorize",
        params=door.asked | {"username": "alice", "password": PASSWORD, "redirect_uri": PASTED},
        headers={"Labpass-Sign-In": "password"},
    )
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"redirect_uri": LOOPBACK}, id="to a program"),
        pytest.param({"client_id": "labpass-alpha-k3j2h5g4"}, id="another client"),
        pytest.param({"code_challenge_method": "plain"}, id="plain"),
        pytest.param({"response_type": "token"}, id="implicit"),
    ],
)
def test_only_the_command_lines_own_code_flow_may_send_a_password(
    door: Door, alpha: object, changes: dict[str, str]
) -> None:
    answer = door.from_terminal(**changes)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


def test_a_temporary_password_has_to_be_replaced(door: Door) -> None:
    answer = door.from_terminal(username="bob")
    assert answer.status_code == 403
    assert answer.json()["error"] == "password_change_required"


def test_a_temporary_password_is_replaced_in_the_same_sign_in(door: Door) -> None:
    assert query(door.from_terminal(username="bob", new_password=OWN))["code"]
    assert door.from_terminal(username="bob").status_code == 401
    assert query(door.from_terminal(username="bob", password=OWN))["code"]


@pytest.mark.parametrize("bad", ["short", PASSWORD, "b" * 30])
def test_a_poor_new_password_says_why(door: Door, bad: str) -> None:
    answer = door.from_terminal(username="bob", new_password=bad)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_new_password"
    assert answer.json()["error_description"]
    assert bad not in answer.text


def test_a_new_password_nobody_asked_for_changes_nothing(door: Door) -> None:
    assert query(door.from_terminal(new_password=OWN))["code"]
    assert query(door.from_terminal())["code"]


def test_guessing_is_throttled(door: Door, clock: Clock) -> None:
    for _ in range(5):
        assert door.from_terminal(password="guess guess guess").status_code == 401
    refused = door.from_terminal()
    assert refused.status_code == 429
    assert refused.json()["error"] == "temporarily_unavailable"
    assert int(refused.headers["retry-after"]) >= 1
    clock.turn(seconds=2)
    assert query(door.from_terminal())["code"]
