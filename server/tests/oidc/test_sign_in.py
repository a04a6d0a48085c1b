import re

import pytest
from server.tests.conftest import Clock, Run
from server.tests.oidc.conftest import PASSWORD, Door, fields, query

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.model import errors
from labpass_server.storage import database

OWN = "another horse, another battery"


@pytest.mark.parametrize(
    ("name", "password"),
    [("alice", "not the password"), ("nobody", PASSWORD), ("canary", PASSWORD), ("", PASSWORD)],
)
def test_unknown_and_wrong_look_the_same(door: Door, name: str, password: str) -> None:
    answer = door.sign_in(door.authorize(), name, password)
    assert answer.status_code == 200
    shown = re.sub(r'value="[^"]*"', "", answer.text)
    wrong = door.sign_in(door.authorize(), "alice", "also not the password")
    assert shown == re.sub(r'value="[^"]*"', "", wrong.text)


def test_a_disabled_person_looks_like_a_wrong_password(
    door: Door, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    run(identity.people.set_disabled("alice", is_disabled=True, actor="root", now=clock()))
    assert "Name or password is wrong" in door.sign_in(door.authorize()).text


def test_a_form_from_a_foreign_page_is_refused(door: Door) -> None:
    hidden = fields(door.authorize())
    typed = {"username": "alice", "password": PASSWORD}
    answer = door.post(
        "/sign-in/password", hidden | typed, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 403


def test_a_form_without_its_token_is_refused(door: Door) -> None:
    hidden = fields(door.authorize())
    typed = {"username": "alice", "password": PASSWORD, "csrf": "guessed"}
    assert door.post("/sign-in/password", hidden | typed).status_code == 403


def test_a_sign_in_is_answered_once(door: Door) -> None:
    page = door.authorize()
    query(door.sign_in(page))
    again = door.sign_in(page)
    assert again.status_code == 404
    assert "location" not in again.headers


def test_a_sign_in_waits_half_an_hour(door: Door, clock: Clock) -> None:
    page = door.authorize()
    clock.turn(minutes=30)
    assert door.sign_in(page).status_code == 404


def test_signing_in_changes_the_browser_session(door: Door) -> None:
    door.sign_in(door.authorize())
    first = door.browser.cookies["__Host-labpass-session"]
    door.sign_in(door.authorize(prompt="login"))
    assert door.browser.cookies["__Host-labpass-session"] != first


def test_a_session_cookie_planted_before_is_worth_nothing(door: Door) -> None:
    door.browser.cookies.set("__Host-labpass-session", "planted", domain="labpass.example.org")
    answer = door.sign_in(door.authorize())
    assert query(answer)["code"]
    assert "__Host-labpass-session=planted" not in str(answer.headers)


def test_the_cookies_are_for_this_host_and_not_for_scripts(door: Door) -> None:
    answer = door.sign_in(door.authorize())
    for cookie in answer.headers.get_list("set-cookie"):
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert "HttpOnly" in cookie
        assert "samesite=lax" in cookie.lower()


def test_a_confirmation_belongs_to_the_browser_that_was_asked(door: Door) -> None:
    door.sign_in(door.authorize())
    page = door.authorize()
    door.browser.cookies.set("__Host-labpass-session", "thief", domain="labpass.example.org")
    answer = door.confirm(page)
    assert answer.status_code in {403, 409}
    assert "location" not in answer.headers


def test_a_temporary_password_is_changed_in_the_same_sign_in(door: Door) -> None:
    page = door.sign_in(door.authorize(), "bob")
    assert 'name="new_password"' in page.text
    answer = door.submit(page, "/sign-in/new-password", new_password=OWN)
    assert query(answer)["code"]
    assert query(door.sign_in(door.authorize(prompt="login"), "bob", OWN))["code"]
    assert "is wrong" in door.sign_in(door.authorize(prompt="login"), "bob").text


@pytest.mark.parametrize("bad", ["short", "a" * 20, "bobbobbobbobbobbob", "password12345678"])
def test_a_poor_new_password_is_asked_for_again(door: Door, bad: str) -> None:
    page = door.sign_in(door.authorize(), "bob")
    again = door.submit(page, "/sign-in/new-password", new_password=bad)
    assert again.status_code == 200
    assert 'name="new_password"' in again.text
    assert query(door.submit(again, "/sign-in/new-password", new_password=OWN))["code"]


def test_a_temporary_password_cannot_be_kept(door: Door) -> None:
    page = door.sign_in(door.authorize(), "bob")
    again = door.submit(page, "/sign-in/new-password", new_password=PASSWORD)
    assert 'name="new_password"' in again.text


def test_a_temporary_password_never_gives_a_code(door: Door) -> None:
    page = door.sign_in(door.authorize(), "bob")
    assert "location" not in page.headers
    # Even with the browser's session that exists by now.
    assert 'name="new_password"' in door.authorize().text


def test_guessing_is_slowed_down_before_anything_is_hashed(door: Door, clock: Clock) -> None:
    for _ in range(5):
        assert door.sign_in(door.authorize(), password="guess guess guess").status_code == 200
    refused = door.sign_in(door.authorize())
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    clock.turn(seconds=2)
    assert query(door.sign_in(door.authorize()))["code"]


def test_a_guesser_waits_twice_as_long_each_time_but_never_for_good(
    door: Door, clock: Clock
) -> None:
    waits = []
    for _ in range(18):
        answer = door.sign_in(door.authorize(), password="guess guess guess")
        if answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            clock.turn(seconds=waits[-1])
            door.sign_in(door.authorize(), password="guess guess guess")
    assert waits[:4] == [1, 2, 4, 8]
    assert max(waits) <= 900


def test_who_has_been_here_before_is_not_kept_out_by_a_guesser_elsewhere(
    door: Door, identity: authority.Authority, run: Run, clock: Clock
) -> None:
    door.sign_in(door.authorize())
    for number in range(10):
        address = f"198.51.100.{number}"
        run(identity.passwords.check("alice", Secret("x" * 20), address=address, now=clock()))
    assert query(door.sign_in(door.authorize(prompt="login")))["code"]
    elsewhere = "203.0.113.9"
    with pytest.raises(errors.TooMany):
        run(identity.passwords.check("alice", Secret(PASSWORD), address=elsewhere, now=clock()))


def test_what_was_typed_as_an_unknown_name_is_not_written_down(
    door: Door, store: database.Database
) -> None:
    door.sign_in(door.authorize(), "my-secret-password-in-the-wrong-field", "x")
    events = store.write_now(lambda tx: tx.events.latest(50))
    assert "wrong-field" not in repr(events)
    assert PASSWORD not in repr(events)
