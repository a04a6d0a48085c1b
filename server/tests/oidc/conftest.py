"""The authority in process: what a well-behaved program does, and a person with a browser."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib import parse

import httpx2
import pytest
from server.tests.conftest import ISSUER, START, Clock, Run

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.identity import people
from labpass_server.model import cluster, rule
from labpass_server.model.handle import Handle
from labpass_server.model.role import RoleName
from labpass_server.storage import database, transaction

PASSWORD = "correct horse battery staple"
VERIFIER = "v" * 43
LOOPBACK = "http://127.0.0.1:49152/callback"
PASTED = f"{ISSUER}/code"
AUDIENCE = "labpass-alpha-k3j2h5g4"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
TYPES = "urn:ietf:params:oauth:token-type:"


def challenge(verifier: str = VERIFIER) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def claims(token: str) -> dict[str, Any]:
    part = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found


def query(answer: httpx2.Response) -> dict[str, str]:
    """Return what a redirect carries."""
    assert answer.status_code == 303, answer.text
    return dict(parse.parse_qsl(parse.urlsplit(answer.headers["location"]).query))


def fields(answer: httpx2.Response) -> dict[str, str]:
    """Return the hidden fields of the page's form."""
    tags = re.findall(r"<input[^>]*type=\"?hidden\"?[^>]*>", answer.text)
    pairs = [
        (re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)) for tag in tags
    ]
    return {name[1]: value[1] for name, value in pairs if name and value}


@dataclass(kw_only=True)
class Door:
    """Speaks to the door; ``run`` and ``browser`` as the fixtures of these names."""

    browser: httpx2.AsyncClient
    run: Run
    asked: dict[str, str] = field(
        default_factory=lambda: {
            "client_id": "labpass",
            "response_type": "code",
            "redirect_uri": LOOPBACK,
            "scope": "openid offline_access profile",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
        }
    )

    def get(self, path: str, **given: Any) -> httpx2.Response:
        return self.run(self.browser.get(path, **given))

    def post(self, path: str, data: dict[str, str], **given: Any) -> httpx2.Response:
        return self.run(self.browser.post(path, data=data, **given))

    def authorize(self, **changes: str | None) -> httpx2.Response:
        wanted = self.asked | changes
        return self.get("/authorize", params={k: v for k, v in wanted.items() if v is not None})

    def submit(self, page: httpx2.Response, path: str, **typed: str) -> httpx2.Response:
        assert page.status_code == 200, page.text
        return self.post(path, fields(page) | typed)

    def sign_in(
        self, page: httpx2.Response, name: str = "alice", password: str = PASSWORD
    ) -> httpx2.Response:
        return self.submit(page, "/sign-in/password", username=name, password=password)

    def confirm(self, page: httpx2.Response, answer: str = "yes") -> httpx2.Response:
        return self.submit(page, "/sign-in/confirm", answer=answer)

    def from_terminal(self, **changes: str) -> httpx2.Response:
        typed = {"username": "alice", "password": PASSWORD, "redirect_uri": PASTED}
        return self.post(
            "/authorize", self.asked | typed | changes, headers={"Labpass-Sign-In": "password"}
        )

    def token(self, **given: str) -> httpx2.Response:
        return self.post("/token", {"client_id": "labpass"} | given)

    def redeem(self, code: str, **changes: str) -> httpx2.Response:
        given = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": LOOPBACK,
            "code_verifier": VERIFIER,
        }
        return self.token(**(given | changes))

    def tokens(self) -> dict[str, Any]:
        """Sign in from a terminal and return what the token endpoint gave."""
        answer = self.redeem(query(self.from_terminal())["code"], redirect_uri=PASTED)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def refresh(self, token: str, **changes: str) -> httpx2.Response:
        return self.token(grant_type="refresh_token", refresh_token=token, **changes)

    def exchange(self, token: str, audience: str = AUDIENCE, **changes: str) -> httpx2.Response:
        given = {
            "grant_type": EXCHANGE,
            "subject_token": token,
            "subject_token_type": f"{TYPES}access_token",
            "audience": audience,
        }
        return self.token(**(given | changes))


@pytest.fixture
def door(browser: httpx2.AsyncClient, run: Run, alice: None) -> Door:
    return Door(browser=browser, run=run)


@pytest.fixture
def alice(identity: authority.Authority, run: Run, clock: Clock) -> None:
    """Two people: alice, and bob whose password is temporary."""
    for name, is_temporary in (("alice", False), ("bob", True)):
        new = people.NewPerson(handle=name, password=Secret(PASSWORD), is_temporary=is_temporary)
        run(identity.people.add(new, actor="root", now=clock()))


@pytest.fixture
def alpha(store: database.Database, door: Door) -> cluster.Cluster:
    """A cluster on which nobody has a rule yet."""
    made = cluster.Cluster(
        id=cluster.ClusterId("c1"),
        name="alpha",
        audience=AUDIENCE,
        installation="i1",
        server=None,
        certificate_authority=None,
        username_prefix="labpass:",
        groups_prefix="labpass:",
        algorithm=cluster.Algorithm.RS256,
        created_at=START,
    )
    store.write_now(lambda tx: tx.clusters.add(made))
    return made


@pytest.fixture
def access(store: database.Database, alpha: cluster.Cluster) -> None:
    """Alice may use the whole organisation, so every cluster."""

    def grant(tx: transaction.Transaction) -> None:
        tx.rules.add(
            rule.Rule(
                id=rule.RuleId("r1"),
                subject=rule.person(Handle("alice")),
                role=RoleName.RESEARCHER,
                scope=rule.Organisation(),
                ends_at=None,
                reason="",
                created_by=Handle("root"),
                created_at=START,
                revision=tx.revisions.bump(),
            )
        )

    store.write_now(grant)
