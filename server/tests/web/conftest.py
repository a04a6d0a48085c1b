"""A site with a frozen clock, and every page filled in as a hostile or talkative world would."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from labpass_server.web import around, csrf, errors, form, page, pages, site

ORIGIN = "https://labpass.example.org"
NOW = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
LONG = "a-name-that-goes-on-for-sixty-three-characters-0123456789-abcdef"

PAGES: Mapping[str, pages.Page] = MappingProxyType(
    {
        "sign-in": pages.SignIn(action="/post", transaction="t1", purpose="for cluster lab-a"),
        "sign-in-refused": pages.SignIn(
            action="/post", transaction="t1", handle="alice", error="Name or password is wrong."
        ),
        "change-password": pages.ChangePassword(action="/post", transaction="t1", handle="alice"),
        "change-password-refused": pages.ChangePassword(
            action="/post", transaction="t1", handle=LONG, error="The new password is too short."
        ),
        "confirm": pages.Confirm(
            action="/post",
            transaction="t1",
            cluster="lab-a",
            answer_to="127.0.0.1:53127",
            program="labpass 0.4.0",
            person="Alice Moreau (alice)",
            asked_at=NOW - timedelta(seconds=12),
            gets="tokens for lab-a alone, 15 minutes each, until today 18:00",
        ),
        "confirm-labpass": pages.Confirm(
            action="/post",
            transaction="t1",
            cluster=None,
            answer_to="[::1]:53127",
            program="labpass",
            person=f"{LONG} ({LONG})",
            asked_at=NOW,
            gets="a session of 12 hours",
        ),
        "confirm-elsewhere": pages.Confirm(
            action="/post",
            transaction="t1",
            cluster=None,
            answer_to=None,
            machine="login-2.hpc.example.org",
            asked_from="2001:db8:1234:5678:9abc:def0:1234:5678",
            program="labpass",
            person="Alice Moreau (alice)",
            asked_at=NOW,
            gets="a session of 12 hours",
        ),
        "code": pages.Code(
            code="WQ7K-3MPX",
            expires_at=NOW + timedelta(minutes=5),
            machine="login-2.hpc.example.org",
            asked_from="10.20.4.18",
            person="Alice Moreau (alice)",
            cancel_action="/post",
            transaction="t1",
        ),
        "code-elsewhere": pages.Code(
            code="WQ7K-3MPX",
            expires_at=NOW + timedelta(minutes=5),
            machine=None,
            asked_from="10.20.4.18",
            person=f"{LONG} ({LONG})",
            is_elsewhere=True,
        ),
        "cancelled": pages.Cancelled(),
        "signed-out": pages.SignedOut(),
        "confirm-sign-out": pages.ConfirmSignOut(
            action="/post", hint="Alice Moreau (alice)", fields={"state": "s"}
        ),
        "confirm-sign-out-unknown": pages.ConfirmSignOut(action="/post", hint=None),
        "set-up": pages.SetUp(action="/post"),
        "set-up-refused": pages.SetUp(
            action="/post", error="That name is reserved.", field="handle", handle="system"
        ),
        "set-up-done": pages.SetUpDone(
            handle="dana",
            command=f"labpass login --server '{ORIGIN}#sha256:{'0123456789abcdef' * 4}'",
        ),
        "error": pages.Error(
            status=403,
            title="Not allowed",
            message=f"The program {LONG} is not known here.",
            next="Go back to the program that sent you here and start again.",
            id="k3v7q2mzab4x",
        ),
    }
)


@pytest.fixture
def shared() -> site.Site:
    return site.build(ORIGIN, now=lambda: NOW)


def application(shared: site.Site, shown: Mapping[str, pages.Page]) -> Starlette:
    """Every page at its own address, and one that takes their forms."""

    async def show(request: Request) -> Response:
        return page.render(request, shown[request.path_params["name"]])

    async def take(request: Request) -> Response:
        fields = await form.read(request)
        csrf.check(request, fields.get(csrf.FIELD))
        return PlainTextResponse(json.dumps(dict(fields)))

    async def crash(request: Request) -> Response:
        raise RuntimeError("the password was hunter2")

    return Starlette(
        routes=[
            Route("/page/{name}", show),
            Route("/post", take, methods=["POST"]),
            Route("/crash", crash),
            Route("/static/{path:path}", shared.assets.serve),
        ],
        middleware=around.middleware(shared),
        exception_handlers=errors.HANDLERS,
    )


@pytest.fixture
def client(shared: site.Site) -> TestClient:
    return TestClient(application(shared, PAGES), base_url=ORIGIN, raise_server_exceptions=False)


@pytest.fixture(params=sorted(PAGES))
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


Serve = Callable[[Mapping[str, pages.Page]], TestClient]


@pytest.fixture
def serve(shared: site.Site) -> Serve:
    """Serve other pages than the usual ones."""

    def with_pages(shown: Mapping[str, pages.Page]) -> TestClient:
        return TestClient(application(shared, shown), base_url=ORIGIN)

    return with_pages


@pytest.fixture
def samples() -> Mapping[str, pages.Page]:
    return PAGES


@pytest.fixture(scope="session")
def make_application() -> Callable[[site.Site], Starlette]:
    return lambda shared: application(shared, PAGES)
