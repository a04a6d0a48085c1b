import re

import httpx2
import pytest
from server.tests.conftest import ISSUER, Clock
from server.tests.oidc.conftest import PASTED, Door, challenge

from labpass_server.storage import remote_codes


def ask(door: Door, **changes: str) -> httpx2.Response:
    given = door.asked | {"redirect_uri": PASTED, "machine": "login-2.cluster"}
    return door.post("/remote", given | changes)


def link(door: Door, **changes: str) -> str:
    found: str = ask(door, **changes).json()["link"]
    return found.removeprefix(ISSUER)


def shown_code(page: httpx2.Response) -> str:
    assert page.status_code == 200, page.text
    found = re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", page.text)
    assert found is not None
    return found[0]


def test_a_machine_without_a_browser_gets_a_short_link(door: Door) -> None:
    answer = ask(door).json()
    assert re.fullmatch(rf"{ISSUER}/r/[A-Z2-9]{{8}}", answer["link"])
    assert answer["expires_in"] == 300


def test_the_code_shown_elsewhere_works_with_the_machines_own_verifier(door: Door) -> None:
    code = shown_code(door.sign_in(door.get(link(door))))
    answer = door.redeem(code, redirect_uri=PASTED)
    assert answer.status_code == 200
    assert answer.json()["refresh_token"]


@pytest.mark.parametrize("typed", ["{0}", "{1}", " {1} ", "{2}", "{3}"])
def test_the_code_may_be_typed_as_people_type(door: Door, typed: str) -> None:
    code = shown_code(door.sign_in(door.get(link(door))))
    plain = code.replace("-", "")
    given = typed.format(code, plain, code.lower(), f"{plain[:4]} {plain[4:]}")
    assert door.redeem(given, redirect_uri=PASTED).status_code == 200


def test_the_page_says_which_machine_asks_and_that_it_is_a_claim(door: Door) -> None:
    page = door.get(link(door, machine="<script>alert(1)</script>"))
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert(1)" not in page.text
    assert "calls itself" in page.text


def test_a_browser_session_alone_never_shows_a_code(door: Door) -> None:
    door.sign_in(door.authorize())
    page = door.get(link(door))
    assert not re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", page.text)
    assert "login-2.cluster" in page.text
    assert shown_code(door.confirm(page))


def test_who_says_no_shows_no_code(door: Door) -> None:
    door.sign_in(door.authorize())
    answer = door.confirm(door.get(link(door)), "no")
    assert answer.status_code == 403
    assert not re.search(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b", answer.text)


def test_a_code_read_over_a_shoulder_is_worth_nothing_without_the_verifier(door: Door) -> None:
    code = shown_code(door.sign_in(door.get(link(door))))
    stolen = door.redeem(code, redirect_uri=PASTED, code_verifier="t" * 43)
    assert stolen.json()["error"] == "invalid_grant"
    assert door.redeem(code, redirect_uri=PASTED).status_code == 200


def test_five_wrong_tries_end_a_code(door: Door) -> None:
    code = shown_code(door.sign_in(door.get(link(door))))
    wrong = "A" * 8 if code != "AAAA-AAAA" else "B" * 8
    for _ in range(remote_codes.TRIES):
        assert door.redeem(wrong, redirect_uri=PASTED).json()["error"] == "invalid_grant"
    assert door.redeem(code, redirect_uri=PASTED).json()["error"] == "invalid_grant"


def test_a_code_is_worth_nothing_twice(door: Door) -> None:
    code = shown_code(door.sign_in(door.get(link(door))))
    first = door.redeem(code, redirect_uri=PASTED).json()
    assert door.redeem(code, redirect_uri=PASTED).json()["error"] == "invalid_grant"
    assert door.refresh(first["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_lives_five_minutes(door: Door, clock: Clock) -> None:
    code = shown_code(door.sign_in(door.get(link(door))))
    clock.turn(minutes=5)
    assert door.redeem(code, redirect_uri=PASTED).json()["error"] == "invalid_grant"


def test_a_link_lives_five_minutes(door: Door, clock: Clock) -> None:
    short = link(door)
    clock.turn(minutes=5)
    assert door.get(short).status_code == 404


def test_before_anybody_has_answered_there_is_nothing_to_poll_for(door: Door) -> None:
    link(door)
    assert door.redeem("AAAAAAAA", redirect_uri=PASTED).json()["error"] == "invalid_grant"


def test_a_guessed_link_leads_nowhere(door: Door) -> None:
    link(door)
    assert door.get("/r/AAAAAAAA").status_code == 404


def test_a_request_is_answered_once_even_if_its_link_is_opened_twice(door: Door) -> None:
    short = link(door)
    one, other = door.get(short), door.get(short)
    assert shown_code(door.sign_in(one))
    assert door.sign_in(other).status_code == 409


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"redirect_uri": "http://127.0.0.1:1/callback"}, id="to a program"),
        pytest.param({"client_id": "labpass-alpha-k3j2h5g4"}, id="another client"),
        pytest.param({"code_challenge": ""}, id="without PKCE"),
        pytest.param({"code_challenge_method": "plain"}, id="plain"),
    ],
)
def test_only_the_command_lines_own_code_flow_may_ask(
    door: Door, alpha: object, changes: dict[str, str]
) -> None:
    answer = ask(door, **changes)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"


def test_a_challenge_of_another_request_does_not_fit(door: Door) -> None:
    code = shown_code(door.sign_in(door.get(link(door, code_challenge=challenge("w" * 43)))))
    assert door.redeem(code, redirect_uri=PASTED).json()["error"] == "invalid_grant"
