"""A certified client of another house signs people in by Labpass, as a web application does."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from testbed import ports
from testbed.demo.browser import Browser

if TYPE_CHECKING:
    from e2e.conftest import World

pytestmark = [pytest.mark.testbed, pytest.mark.slow]
HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def strict_client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install openid-client, by hash."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("no Node: openid-client, a strict client, was not tried")
    folder = tmp_path_factory.mktemp("strict-client")
    for name in ("package.json", "package-lock.json", "strict_client.mjs"):
        shutil.copy(HERE / name, folder)
    quiet = ("--no-audit", "--no-fund", "--ignore-scripts")
    done = subprocess.run(
        ["npm", "ci", *quiet], cwd=folder, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip(f"openid-client is not to be had from npm: {done.stderr.strip()[-300:]}")
    return folder


class Application:
    """The web application; `heard` waits for what it says next."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def heard(self, step: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(self._process.communicate(timeout=30)[1])
        found: dict[str, Any] = json.loads(line)
        assert found["step"] == step, found
        return found

    def ended(self) -> int:
        self._process.communicate(timeout=30)
        return self._process.returncode


@pytest.fixture(params=["basic", "post", "basic, no PKCE"])
def application(
    world: "World", strict_client: Path, request: pytest.FixtureRequest
) -> Iterator[Application]:
    """Register an application, and start it."""
    port = ports.free()
    authentication, _, without = request.param.partition(", ")
    pkce = "optional" if without else "required"
    where = ("--redirect-uri", f"http://127.0.0.1:{port}/callback")
    name = f"wiki-{port}"
    made = json.loads(
        world.admin("client", "create", name, *where, "--pkce", pkce, "-o", "json").out
    )
    process = subprocess.Popen(
        ["node", "strict_client.mjs"],
        cwd=strict_client,
        env={
            "PATH": os.environ["PATH"],
            "NODE_EXTRA_CA_CERTS": str(world.labpass.ca),
            "ISSUER": world.labpass.issuer,
            "CLIENT_ID": made["client_id"],
            "CLIENT_SECRET": made["client_secret"],
            "PORT": str(port),
            "AUTHENTICATION": authentication,
            "PKCE": "no" if without else "yes",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield Application(process)
    process.kill()
    process.communicate()
    world.admin("client", "delete", made["client_id"], "--yes")


def test_the_whole_life_of_a_sign_in(world: "World", application: Application) -> None:
    alice = world.person("alice")
    metadata = application.heard("discovered")["metadata"]
    assert metadata["issuer"] == world.labpass.issuer
    with Browser(world.labpass.ca) as browser:
        page = browser.open(application.heard("open")["url"])
        form = page.form("password")
        page = browser.submit(page, form, username="alice", password=alice.password)
        assert page.text == "answered"
        claims = application.heard("signed in")["claims"]
        assert claims["preferred_username"] == "alice"
        assert "groups" not in claims or claims["groups"] == []
        assert application.heard("userinfo")["claims"]["sub"] == claims["sub"]
        refreshed = application.heard("refreshed")
        assert refreshed["rotated"]
        assert application.heard("revoked")["refresh"] == "invalid_grant"
        assert application.heard("again")["code"] == "invalid_grant"
        page = browser.open(application.heard("leave")["url"])
        for form in page.forms:
            page = browser.submit(page, form, answer="yes")
        assert "signed out" in page.text.lower()
    assert application.ended() == 0
