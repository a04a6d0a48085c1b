"""What an operator has switched off is refused in words that a terminal shows."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from server.tests.conftest import ISSUER, Clock, Run
from server.tests.oidc.conftest import PASTED, Door
from starlette.applications import Starlette

from labpass_server.app import authority
from labpass_server.model.policy import Policy
from labpass_server.oidc import routes
from labpass_server.web import around, errors, route, site

Served = Callable[[Policy], Door]


@pytest.fixture
def served(
    identity: authority.Authority, alice: None, store: Any, hasher: Any, sealer: Any,
    clock: Clock, run: Run,
) -> Iterator[Served]:  # fmt: skip
    """Serves the same database under another policy."""
    opened: list[httpx2.AsyncClient] = []
    with ThreadPoolExecutor(1) as signing:
        parts = authority.Parts(
            store=store, sealer=sealer, hasher=hasher, signing=signing, now=clock
        )

        def serve(policy: Policy) -> Door:
            made = authority.build(parts, issuer=ISSUER, policy=policy)
            app = Starlette(
                routes=route.mount(routes.routes(made.door)),
                middleware=around.middleware(site.build(ISSUER, now=clock)),
                exception_handlers=errors.HANDLERS,
            )
            transport = httpx2.ASGITransport(app=app)
            opened.append(httpx2.AsyncClient(transport=transport, base_url=ISSUER))
            return Door(browser=opened[-1], run=run)

        yield serve
        for each in opened:
            run(each.aclose())


def test_a_password_from_a_terminal_is_refused_before_it_is_looked_at(served: Served) -> None:
    door = served(Policy(takes_passwords_from_terminal=False))
    right, wrong = door.from_terminal(), door.from_terminal(password="wrong")
    assert right.status_code == wrong.status_code == 403
    assert right.json() == wrong.json()
    assert right.json()["error"] == "access_denied"
    assert "labpass login --browser" in right.json()["error_description"]
    assert door.post("/remote", door.asked | {"redirect_uri": PASTED}).status_code == 200


def test_a_remote_sign_in_is_refused_and_links_from_before_too(served: Served) -> None:
    asked = served(Policy())
    link = asked.post("/remote", asked.asked | {"redirect_uri": PASTED}).json()["link"]
    door = served(Policy(signs_in_remotely=False))
    answer = door.post("/remote", door.asked | {"redirect_uri": PASTED})
    assert answer.status_code == 403
    assert "labpass login --browser" in answer.json()["error_description"]
    assert door.get(link.removeprefix(ISSUER)).status_code == 403
    assert door.from_terminal().status_code == 303
