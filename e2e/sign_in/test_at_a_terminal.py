"""Each way to sign in, at a terminal and in a real browser; then kubectl works."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from testbed import waiting

if TYPE_CHECKING:
    from e2e.conftest import Person, World
    from playwright import sync_api

pytestmark = pytest.mark.testbed
OPENER = '#!/bin/sh\nprintf "%s" "$1" > "$0.part" && mv "$0.part" "$0.url"\n'
CTRL_C = 130
LINK = r"https://\S+/r/\S+"


def kubectl_knows(person: "Person") -> str:
    person.desk.ask("labpass", "kubeconfig", "create", "--set-context")
    who = ("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
    assert person.desk.ask("kubectl", "get", "jobs").code == 0
    return person.desk.ask("kubectl", *who).out


def sign_in(page: "sync_api.Page", person: "Person") -> None:
    page.get_by_label("Name").fill(person.handle)
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.browser
@pytest.mark.parametrize("how", ["option", "variable"])
def test_browser(
    world: "World", terminal: Callable[..., Any], page: "sync_api.Page", how: str
) -> None:
    alice = world.person("alice")
    opener = alice.desk.home / "open"
    opener.write_text(OPENER)
    opener.chmod(0o755)
    options = ("--browser-command", str(opener)) if how == "option" else ()
    environment = {"BROWSER": str(opener)} if how == "variable" else {}
    child = terminal(alice, "--browser", *options, **environment)
    child.find("Your browser opens this address")
    opened = alice.desk.home / "open.url"
    waiting.until(opened.exists, seconds=20, what="labpass opens a browser")
    page.goto(opened.read_text())
    sign_in(page, alice)
    code, said = child.end()
    assert code == 0, said
    assert "as alice" in said
    page.wait_for_url("http://127.0.0.1:*/**")
    assert kubectl_knows(alice) == "labpass:alice"


@pytest.mark.browser
def test_browser_and_the_person_goes_back_and_confirms(
    world: "World", terminal: Callable[..., Any], page: "sync_api.Page"
) -> None:
    alice = world.person("alice")
    for number in range(2):
        child = terminal(alice, "--browser", "--browser-command", "true")
        page.goto(child.find(r"https://\S+/authorize\S+"))
        if number == 0:
            sign_in(page, alice)
        else:  # the browser knows her; the program is answered only by her own click
            page.get_by_role("button", name="Sign in to Labpass").click()
        code, said = child.end()
        assert code == 0, said


@pytest.mark.browser
def test_remote(world: "World", terminal: Callable[..., Any], page: "sync_api.Page") -> None:
    alice = world.person("alice")
    child = terminal(alice, "--remote")
    page.goto(child.find(LINK))
    sign_in(page, alice)
    shown = page.locator("#code").inner_text()
    child.answer("Enter verification code: ", shown.lower().replace("-", " "))
    code, said = child.end()
    assert code == 0, said
    assert kubectl_knows(alice) == "labpass:alice"


@pytest.mark.browser
def test_a_code_that_was_cancelled_is_worth_nothing(
    world: "World", terminal: Callable[..., Any], page: "sync_api.Page"
) -> None:
    alice = world.person("alice")
    child = terminal(alice, "--remote")
    page.goto(child.find(LINK))
    sign_in(page, alice)
    shown = page.locator("#code").inner_text()
    page.get_by_role("button", name="Cancel this sign-in").click()
    page.locator("#code").wait_for(state="detached")
    child.answer("Enter verification code: ", shown)
    child.find("That code was not taken")
    child.child.expect_exact("Enter verification code: ")
    code, said = child.interrupted()
    assert code == CTRL_C, said


def test_a_temporary_password_is_changed_at_the_prompt(
    world: "World", terminal: Callable[..., Any]
) -> None:
    person = world.newcomer("vision", temporary=True)
    child = terminal(person, "--password")
    child.answer("User name: ", person.handle)
    child.answer("Password: ", person.password)
    child.answer("New password: ", "a better one than before")
    child.answer("Once more: ", "a better one than before")
    code, said = child.end()
    assert code == 0, said
    assert kubectl_knows(person) == f"labpass:{person.handle}"
    again = ("labpass", "login", "--server", person.server, "-u", person.handle)
    assert person.desk.run(*again, "--password-stdin", stdin=person.password).code != 0


@pytest.mark.browser
def test_a_temporary_password_is_changed_on_the_page(
    world: "World", terminal: Callable[..., Any], page: "sync_api.Page"
) -> None:
    person = world.newcomer("vision", temporary=True)
    child = terminal(person, "--browser", "--browser-command", "true")
    page.goto(child.find(r"https://\S+/authorize\S+"))
    sign_in(page, person)
    page.get_by_label("New password").fill("a better one than before")
    page.locator("form button").first.click()
    code, said = child.end()
    assert code == 0, said
    assert kubectl_knows(person) == f"labpass:{person.handle}"


@pytest.mark.parametrize(
    ("arguments", "before"),
    [
        (("--password",), "User name: "),
        (("--password", "-u", "alice"), "Password: "),
        (("--remote",), "Enter verification code: "),
        (("--browser", "--browser-command", "true"), "authorize"),
    ],
    ids=["name", "password", "code", "browser"],
)
def test_ctrl_c_ends_it_and_leaves_nothing(
    world: "World", terminal: Callable[..., Any], arguments: tuple[str, ...], before: str
) -> None:
    alice = world.person("alice")
    child = terminal(alice, *arguments)
    child.child.expect_exact(before)
    code, said = child.interrupted()
    assert code == CTRL_C, said
    assert "Traceback" not in said
    done = alice.desk.run("labpass", "whoami")
    assert done.code != 0
    assert "labpass login" in done.said
