"""What tests of the server share: a clock to turn, a database, the authority in process."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx2
import pytest
from starlette.applications import Starlette

from labpass_server.app import authority
from labpass_server.hashing import passwords
from labpass_server.oidc import routes
from labpass_server.signing import sealing
from labpass_server.storage import database, migration
from labpass_server.web import around, errors, route, site

T = TypeVar("T")

ISSUER = "https://labpass.example.org"
SEALING_KEY = bytes(range(32))
START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Clock:
    """Time that stands still until a test turns it."""

    def __init__(self) -> None:
        self.time = START

    def __call__(self) -> datetime:
        return self.time

    def turn(self, **by: float) -> datetime:
        """Go on by as much as a timedelta of these arguments."""
        self.time += timedelta(**by)
        return self.time


class CheapPasswords(passwords.Passwords):
    """Argon2id with so little memory that a test does not wait for it. Nothing else differs."""

    def __init__(self) -> None:
        super().__init__(memory=64, cores=2)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def run() -> Iterator[Callable[[Awaitable[T]], T]]:
    """Run something async to its end; all of a test's in one loop."""
    with asyncio.Runner() as runner:

        def call(work: Awaitable[T]) -> T:
            async def wait() -> T:
                return await work

            return runner.run(wait())

        yield call


@pytest.fixture
def store() -> Iterator[database.Database]:
    """A migrated SQLite database in memory."""
    opened = database.Database("sqlite://")
    migration.migrate(opened.engine)
    yield opened
    opened.close()


@pytest.fixture
def hasher() -> Iterator[passwords.Passwords]:
    made = CheapPasswords()
    yield made
    made.close()


@pytest.fixture
def sealer() -> sealing.Sealer:
    return sealing.Sealer(SEALING_KEY)


@pytest.fixture
def identity(
    store: database.Database,
    hasher: passwords.Passwords,
    sealer: sealing.Sealer,
    clock: Clock,
    run: Callable[[Awaitable[None]], None],
) -> Iterator[authority.Authority]:
    """The authority's use cases over the database, with keys that sign."""
    with ThreadPoolExecutor(1) as signing:
        parts = authority.Parts(
            store=store, sealer=sealer, hasher=hasher, signing=signing, now=clock
        )
        built = authority.build(parts, issuer=ISSUER)
        run(built.keys.rotate(clock()))
        yield built


@pytest.fixture
def app(identity: authority.Authority, clock: Clock) -> Starlette:
    """The authority's door with everything around it, but no socket."""
    shared = site.build(ISSUER, now=clock)
    return Starlette(
        routes=route.mount(routes.routes(identity.door)),
        middleware=around.middleware(shared),
        exception_handlers=errors.HANDLERS,
    )


@pytest.fixture
def browser(app: Starlette, run: Callable[[Awaitable[None]], None]) -> Iterator[httpx2.AsyncClient]:
    """A client in process that keeps cookies and follows no redirect; see `run`."""
    made = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url=ISSUER, headers={"accept": "text/html"}
    )
    yield made
    run(made.aclose())
