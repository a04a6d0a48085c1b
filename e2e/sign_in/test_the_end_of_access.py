"""Signed out, disabled, rule withdrawn: who may no more is told so in words."""

import functools
import json
import shutil
import ssl
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from testbed import waiting
from testbed.desk import Desk

if TYPE_CHECKING:
    from e2e.conftest import World

pytestmark = pytest.mark.testbed


def session(desk: Desk) -> dict[str, Any]:
    (path,) = (desk.home / "labpass" / "sess").glob("*.json")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def forget_cached_tokens(desk: Desk) -> None:
    """Make the plugin ask the server, as it does by itself when a token has run out."""
    shutil.rmtree(desk.home / "labpass" / "cred")


def refresh(world: "World", token: str) -> httpx2.Response:
    sent = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "labpass"}
    trust = ssl.create_default_context(cafile=str(world.labpass.ca))
    with httpx2.Client(verify=trust, trust_env=False) as client:
        return client.post(f"{world.labpass.issuer}/token", data=sent)


def test_after_logout_kubectl_says_what_to_do_and_the_refresh_token_is_dead(
    world: "World",
) -> None:
    desk = world.person("alice").sign_in()
    desk.ask("kubectl", "get", "jobs")
    token = session(desk)["refresh_token"]
    desk.ask("labpass", "logout")
    done = desk.run("kubectl", "get", "jobs")
    assert done.code == 1
    assert "labpass login" in done.err
    answer = refresh(world, token)
    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_grant"


def test_a_disabled_persons_session_ends_at_the_next_refresh(world: "World") -> None:
    person = world.newcomer("vision")
    desk = person.sign_in()
    desk.ask("kubectl", "get", "jobs")
    world.admin("person", "disable", person.handle, "--yes")
    forget_cached_tokens(desk)
    done = desk.run("kubectl", "get", "jobs")
    assert done.code == 1
    assert "labpass login" in done.err
    login = ("labpass", "login", "--server", person.server, "-u", person.handle)
    done = desk.run(*login, "--password-stdin", stdin=person.password)
    assert done.code != 0
    assert "Traceback" not in done.said
    world.admin("person", "enable", person.handle)
    person.sign_in().ask("kubectl", "auth", "whoami")


def test_a_withdrawn_rule_is_felt_with_the_token_in_hand(world: "World") -> None:
    person = world.newcomer("vision", "speech")
    desk = person.sign_in()
    jobs = ("kubectl", "get", "jobs", "-n", "labpass-speech")
    desk.ask(*jobs)
    for rule in rules(world, person.handle):
        if rule["project"] == "speech":
            world.admin("rule", "delete", rule["id"], "--yes")
    waiting.until(lambda: desk.run(*jobs).code, seconds=20, what="the API server refuses")
    done = desk.run(*jobs)
    assert f'User "labpass:{person.handle}" cannot list resource "jobs"' in done.err
    desk.ask("kubectl", "get", "jobs", "-n", "labpass-vision")


def test_with_the_last_rule_goes_the_next_token(world: "World") -> None:
    person = world.newcomer("vision")
    desk = person.sign_in()
    desk.ask("kubectl", "auth", "whoami")
    for rule in rules(world, person.handle):
        world.admin("rule", "delete", rule["id"], "--yes")
    forget_cached_tokens(desk)
    done = desk.run("kubectl", "auth", "whoami")
    assert done.code == 1
    assert f"no access to the cluster {world.testbed.clusters[0].name}" in done.err
    assert desk.ask("labpass", "whoami").code == 0  # the session itself lives
    give = (person.handle, "--role", "researcher", "-p", "vision")
    world.admin("rule", "create", *give, "--yes")
    waiting.until(
        functools.partial(_works, desk), seconds=20, what="kubectl works with the new rule"
    )


def _works(desk: Desk) -> bool:
    return desk.run("kubectl", "get", "jobs").code == 0


def rules(world: "World", handle: str) -> list[dict[str, Any]]:
    found = json.loads(world.admin("rule", "list", "-o", "json").out)
    return [each for each in found["items"] if each["person"] == handle]
