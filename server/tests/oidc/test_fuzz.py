"""Whatever is sent to the door, it answers in words: never with a crash of ours."""

import string
from collections.abc import Callable, Iterator
from typing import Any
from urllib import parse

import httpx2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server.tests.conftest import ISSUER, Clock, Run
from server.tests.oidc.conftest import (
    AUDIENCE,
    EXCHANGE,
    LOOPBACK,
    PASSWORD,
    PASTED,
    TYPES,
    VERIFIER,
    challenge,
)
from starlette.applications import Starlette

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.identity import people
from labpass_server.oidc import routes
from labpass_server.storage import database, migration
from labpass_server.web import around, errors, route, site

PATHS = sorted(
    {
        ("GET", "/.well-known/openid-configuration"),
        ("GET", "/jwks"),
        ("GET", "/authorize"),
        ("POST", "/authorize"),
        ("POST", "/sign-in/password"),
        ("POST", "/sign-in/new-password"),
        ("POST", "/sign-in/confirm"),
        ("POST", "/sign-in/cancel"),
        ("POST", "/remote"),
        ("GET", "/r/AAAAAAAA"),
        ("GET", "/code"),
        ("POST", "/token"),
        ("POST", "/revoke"),
        ("GET", "/userinfo"),
        ("POST", "/userinfo"),
        ("GET", "/end-session"),
        ("POST", "/end-session"),
        ("PUT", "/token"),
        ("GET", "/nothing"),
    }
)
SENSIBLE = {
    "client_id": ["labpass", AUDIENCE, "client-x"],
    "redirect_uri": [LOOPBACK, PASTED, "http://localhost:8000", "https://evil.example"],
    "post_logout_redirect_uri": ["https://evil.example"],
    "response_type": ["code", "token"],
    "response_mode": ["query", "form_post", "fragment"],
    "scope": ["openid", "openid offline_access profile email groups", " "],
    "state": ["s"],
    "nonce": ["n"],
    "prompt": ["none", "login", "consent", "none login"],
    "max_age": ["0", "999999999", "-1"],
    "login_hint": ["alice"],
    "code_challenge": [challenge()],
    "code_challenge_method": ["S256", "plain"],
    "id_token_hint": ["a.b.c", "e30.e30.e30"],
    "username": ["alice", "nobody"],
    "password": [PASSWORD, "x"],
    "new_password": ["x"],
    "transaction": ["t"],
    "answer": ["yes", "no"],
    "csrf": ["c"],
    "machine": ["host"],
    "grant_type": ["authorization_code", "refresh_token", EXCHANGE, "password"],
    "code": ["c", "AAAA-AAAA"],
    "code_verifier": [VERIFIER],
    "refresh_token": ["r"],
    "subject_token": ["s"],
    "subject_token_type": [f"{TYPES}access_token"],
    "requested_token_type": [f"{TYPES}id_token"],
    "audience": [AUDIENCE, f"{ISSUER}/api/v1"],
    "token": ["t"],
    "client_secret": ["s"],
    "access_token": ["a"],
}

anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
values = st.one_of(
    st.sampled_from(sorted({each for known in SENSIBLE.values() for each in known})), anything
)
pairs = st.sampled_from(sorted(SENSIBLE)).flatmap(
    lambda name: st.tuples(st.just(name), st.one_of(st.sampled_from(SENSIBLE[name]), values))
)
encoded = st.lists(st.one_of(pairs, st.tuples(anything, anything)), max_size=14).map(
    lambda given: parse.urlencode(given).encode()
)
raw = st.one_of(encoded, encoded, encoded, st.binary(max_size=60))
printable = st.text(string.printable[:-5], max_size=40)
headers = st.fixed_dictionaries(
    {"accept": st.sampled_from(["text/html", "*/*"])},
    optional={
        "content-type": st.one_of(
            st.just("application/x-www-form-urlencoded"),
            st.just("application/x-www-form-urlencoded; charset=x"),
            printable,
        ),
        "authorization": st.one_of(
            printable,
            printable.map(lambda text: f"Bearer {text}"),
            st.binary(max_size=20).map(lambda octets: f"Basic {parse.quote(octets)}"),
            st.sampled_from(["Basic bGFicGFzczo=", "Basic /////w==", "Basic AAA6AAA="]),
        ),
        "cookie": st.one_of(
            printable,
            printable.map(lambda text: f"__Host-labpass-session={text}"),
            st.just(f"__Host-labpass-form={'x' * 43}; __Host-labpass-device=y"),
        ),
        "origin": st.one_of(printable, st.just(ISSUER)),
        "sec-fetch-site": st.sampled_from(["same-origin", "none", "cross-site"]),
        "labpass-sign-in": st.one_of(st.just("password"), printable),
        "host": st.one_of(printable, st.just("evil.example/x?y#z")),
    },
)


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.slow)])
def served(
    request: pytest.FixtureRequest,
    identity_over: Callable[[database.Database], authority.Authority],
    clock: Clock,
    run: Run,
) -> Iterator[httpx2.AsyncClient]:
    is_small = request.param == "SQLite"
    opened = database.Database("sqlite://" if is_small else request.getfixturevalue("postgres_url"))
    migration.migrate(opened.engine)
    made = identity_over(opened)
    new = people.NewPerson(handle="alice", password=Secret(PASSWORD), is_temporary=False)
    run(made.people.add(new, actor="root", now=clock()))
    app = Starlette(
        routes=route.mount(routes.routes(made.door)),
        middleware=around.middleware(site.build(ISSUER, now=clock)),
        exception_handlers=errors.HANDLERS,
    )
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=True)
    client = httpx2.AsyncClient(transport=transport, base_url=ISSUER)
    yield client
    run(client.aclose())
    opened.close()


@given(
    target=st.sampled_from(PATHS),
    query=st.one_of(st.just(b""), encoded),
    body=raw,
    sent=headers,
)
@settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_request_crashes_the_door(
    served: httpx2.AsyncClient,
    run: Run,
    clock: Clock,
    target: tuple[str, str],
    query: bytes,
    body: bytes,
    sent: dict[str, str],
) -> None:
    method, path = target
    clock.turn(seconds=30)  # else every later request would only be throttled
    given: dict[str, Any] = {"content": body} if method != "GET" else {}
    kind = {"content-type": "application/x-www-form-urlencoded"} if given else {}
    url = httpx2.URL(f"{ISSUER}{path}", query=query)
    answer = run(served.request(method, url, headers=kind | sent, **given))
    assert answer.status_code < 500, answer.text
    assert "evil.example" not in answer.headers.get("location", "").partition("?")[0]
