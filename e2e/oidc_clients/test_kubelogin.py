"""A plain OIDC client, kubelogin v1.36.3, on the API server that trusts Labpass."""

import functools
import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import httpx2
import pytest

from testbed import waiting
from testbed.demo.browser import Browser, Page

if TYPE_CHECKING:
    from e2e.conftest import Person, World
    from e2e.oidc_clients.conftest import Laptop
    from playwright import sync_api

pytestmark = pytest.mark.testbed
WHO = ("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
ANY_PORT = "--listen-address=127.0.0.1:0"


def sign_in(browser: Browser, page: Page, person: "Person") -> Page:
    return browser.submit(
        page, page.form("password"), username=person.handle, password=person.password
    )


@pytest.mark.parametrize("more", [(), (ANY_PORT,)], ids=["localhost 8000", "any port"])
def test_signs_in_through_its_loopback_redirect(
    world: "World", laptop: Callable[..., "Laptop"], more: tuple[str, ...]
) -> None:
    alice = world.person("alice")
    running = laptop(alice, *more).kubectl(*WHO)
    with Browser(world.labpass.ca) as browser:
        page = sign_in(browser, browser.open(running.address()), alice)
    assert "Authenticated" in page.text, page.text
    assert running.end() == (0, "labpass:alice", "")


@pytest.mark.browser
@pytest.mark.parametrize("more", [(), (ANY_PORT,)], ids=["localhost 8000", "any port"])
def test_signs_in_with_a_real_browser(
    world: "World",
    laptop: Callable[..., "Laptop"],
    page: "sync_api.Page",
    more: tuple[str, ...],
) -> None:
    alice = world.person("alice")
    running = laptop(alice, *more).kubectl(*WHO)
    page.goto(running.address())
    page.get_by_label("Name").fill("alice")
    page.get_by_label("Password").fill(alice.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Authenticated").first.wait_for()
    assert running.end() == (0, "labpass:alice", "")


def test_a_cached_token_needs_nobody(world: "World", laptop: Callable[..., "Laptop"]) -> None:
    alice = world.person("alice")
    machine = laptop(alice, "--oidc-extra-scope=offline_access")
    running = machine.kubectl(*WHO)
    with Browser(world.labpass.ca) as browser:
        sign_in(browser, browser.open(running.address()), alice)
    assert running.end()[0] == 0
    assert machine.kubectl(*WHO).end() == (0, "labpass:alice", "")


def test_refreshes_from_its_cache_and_again(
    world: "World", laptop: Callable[..., "Laptop"]
) -> None:
    alice = world.person("alice")
    machine = laptop(alice, "--oidc-extra-scope=offline_access")
    running = machine.kubectl(*WHO)
    with Browser(world.labpass.ca) as browser:
        sign_in(browser, browser.open(running.address()), alice)
    assert running.end()[0] == 0
    seen = [machine.cached()]
    for _ in range(2):
        code, out, err = machine.get_token("--force-refresh").end()
        assert code == 0, err
        assert '"token"' in out
        seen.append(machine.cached())
    assert len({each["refresh_token"] for each in seen}) == 3
    assert len({each["id_token"] for each in seen}) == 3
    assert machine.kubectl(*WHO).end() == (0, "labpass:alice", "")


@pytest.mark.slow
def test_a_used_refresh_token_ends_its_session_and_the_person_is_asked_again(
    world: "World", laptop: Callable[..., "Laptop"]
) -> None:
    alice = world.person("alice")
    machine = laptop(alice, "--oidc-extra-scope=offline_access")
    running = machine.get_token()
    with Browser(world.labpass.ca) as browser:
        sign_in(browser, browser.open(running.address()), alice)
        assert running.end()[0] == 0
        stolen = machine.cached()["refresh_token"]
        assert machine.get_token("--force-refresh").end()[0] == 0
        waiting.until(
            functools.partial(is_refused, world, stolen),
            seconds=30,
            what="the grace of a used refresh token is over",
            every=0.5,
        )
        running = machine.get_token("--force-refresh")  # its own token is dead with the family
        page = browser.open(running.address())
        browser.submit(page, page.form("answer"), answer="yes")
        assert running.end()[0] == 0


def is_refused(world: "World", refresh_token: str) -> bool:
    sent = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": str(world.testbed.clusters[0].audience),
    }
    trust = ssl.create_default_context(cafile=str(world.labpass.ca))
    answer = httpx2.post(f"{world.labpass.issuer}/token", data=sent, verify=trust, trust_env=False)
    return answer.status_code == 400 and answer.json()["error"] == "invalid_grant"


def test_a_cookie_alone_answers_nobody(world: "World", laptop: Callable[..., "Laptop"]) -> None:
    alice = world.person("alice")
    machine = laptop(alice, ANY_PORT, "--token-cache-storage=none")
    with Browser(world.labpass.ca) as browser:
        running = machine.get_token()
        sign_in(browser, browser.open(running.address()), alice)
        assert running.end()[0] == 0
        running = machine.get_token()
        page = browser.open(running.address())
        assert page.url.startswith(world.labpass.issuer)
        assert world.testbed.clusters[0].name in page.text
        port = re.search(r"127\.0\.0\.1:\d+|localhost:\d+", page.text)
        assert port is not None
        page = browser.submit(page, page.form("answer"), answer="yes")
        assert "Authenticated" in page.text
        assert running.end()[0] == 0


def test_the_person_says_no(world: "World", laptop: Callable[..., "Laptop"]) -> None:
    alice = world.person("alice")
    machine = laptop(alice, ANY_PORT, "--token-cache-storage=none")
    with Browser(world.labpass.ca) as browser:
        running = machine.get_token()
        sign_in(browser, browser.open(running.address()), alice)
        assert running.end()[0] == 0
        running = machine.get_token()
        page = browser.open(running.address())
        browser.submit(page, page.form("answer"), answer="no")
        code, _, err = running.end()
    assert code == 1
    assert "access_denied" in err


def test_who_has_no_rule_there_is_told_who_can_grant_it(
    world: "World", laptop: Callable[..., "Laptop"]
) -> None:
    stranger = world.newcomer()
    running = laptop(stranger).kubectl(*WHO)
    with Browser(world.labpass.ca) as browser:
        page = sign_in(browser, browser.open(running.address()), stranger)
    code, out, err = running.end()
    assert code == 1
    assert out == ""
    name = world.testbed.clusters[0].name
    assert f"no access to the cluster {name}" in err, page.url
    assert "dana" in err  # who can grant it


def test_another_ca_is_not_believed(
    world: "World", laptop: Callable[..., "Laptop"], tmp_path: Path
) -> None:
    alice = world.person("alice")
    machine = laptop(alice)
    ca = world.testbed.clusters[0].ca
    arguments = tuple(
        f"--certificate-authority={ca}" if "certificate-authority" in each else each
        for each in machine.arguments
    )
    object.__setattr__(machine, "arguments", arguments)
    code, _, err = machine.get_token().end()
    assert code == 1
    assert "certificate signed by unknown authority" in err
