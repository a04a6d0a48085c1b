"""The REST door in process: everything real but the socket and the clusters."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from labpass.secret import Secret
from labpass_server.access import founding
from labpass_server.app import authority, territory
from labpass_server.hashing import passwords
from labpass_server.identity import digest
from labpass_server.model import authorization, client, cluster, errors, session
from labpass_server.model.handle import Handle
from labpass_server.model.person import Person, PersonId
from labpass_server.signing import sealing
from labpass_server.storage import database
from labpass_server.storage.transaction import Transaction

ISSUER = "https://labpass.example.org"
AUDIENCE = f"{ISSUER}/api/v1"
CA = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n"
_numbers = count()


class Probe:
    """Believes the token ``good`` and no other."""

    async def version(self, credential: cluster.Credential) -> str:
        if credential.token.reveal() != "good":
            raise errors.Invalid("token", "this is the token of somebody else")
        return "v1.36.3"


@dataclass
class Api:
    """The door as one person calls it."""

    http: httpx2.AsyncClient
    run: Callable[[Awaitable[Any]], Any]
    store: database.Database
    clock: Callable[[], Any]
    table: tuple[Any, ...]
    token: str | None = None
    people: dict[str, str] = field(default_factory=dict)

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        sent = dict(headers or {})
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        response: httpx2.Response = self.run(
            self.http.request(method, f"/api/v1{path}", json=body, headers=sent)
        )
        return response

    def ask(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        response = self.call(method, path, body)
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    def as_(self, handle: str) -> "Api":
        """Be somebody else, who is made when they are new."""
        if handle not in self.people:
            self.people[handle] = self.store.write_now(lambda tx: self._sign_in(tx, handle))
        return Api(
            http=self.http,
            run=self.run,
            store=self.store,
            clock=self.clock,
            table=self.table,
            token=self.people[handle],
            people=self.people,
        )

    def _sign_in(self, tx: Transaction, handle: str) -> str:
        now = self.clock()
        if (person := tx.people.find_by_handle(handle)) is None:
            person = Person(
                id=PersonId(f"id-{handle}"),
                handle=Handle(handle),
                display_name=handle,
                email=None,
                is_disabled=False,
                password_is_temporary=False,
                created_at=now,
            )
            tx.people.add(person, None)
        return add_token(tx, person, AUDIENCE, now)


def add_token(tx: Transaction, person: Person, audience: str, now: Any) -> str:
    token = f"token-{person.handle}-{next(_numbers)}"
    session_id = session.SessionId(f"s-{token}"[:32])
    scope = (authorization.Scope.OPENID,)
    tx.sessions.add(
        session.Session(
            id=session_id,
            person_id=person.id,
            client_id=client.LABPASS,
            browser_id=None,
            scope=scope,
            authenticated_at=now,
            created_at=now,
            expires_at=now + timedelta(hours=12),
        )
    )
    tx.access_tokens.add(
        digest.of(Secret(token)),
        session.NewAccessToken(
            session_id=session_id,
            audience=audience,
            scope=scope,
            expires_at=now + timedelta(minutes=10),
        ),
    )
    return token


@pytest.fixture
def identity(
    store: database.Database,
    hasher: passwords.Passwords,
    sealer: sealing.Sealer,
    clock: Callable[[], Any],
) -> Iterator[authority.Authority]:
    """The authority without keys yet: making them is what takes long, and few tests sign."""
    with ThreadPoolExecutor(1) as signing:
        parts = authority.Parts(
            store=store, sealer=sealer, hasher=hasher, signing=signing, now=clock
        )
        yield authority.build(parts, issuer=ISSUER)


@pytest.fixture
def api(
    identity: authority.Authority,
    store: database.Database,
    sealer: sealing.Sealer,
    clock: Callable[[], Any],
    run: Callable[[Awaitable[Any]], Any],
) -> Iterator[Api]:
    """The door, as ``root``, the first administrator."""
    run(identity.set_up.begin(clock()))
    joined = territory.join(
        territory.Given(
            store=store,
            sealer=sealer,
            bearers=identity.bearers,
            canaries=identity.canaries,
            people=identity.people,
            clients=identity.clients,
            issuer=ISSUER,
            certificate_authority=None,
            now=clock,
            probe=Probe(),
        )
    )
    http = httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=Starlette(routes=[joined.door.mount])),
        base_url=ISSUER,
    )
    nobody = Api(http=http, run=run, store=store, clock=clock, table=joined.door.table)
    root = nobody.as_("root")
    store.write_now(lambda tx: founding.found(tx, Handle("root"), now=clock()))
    yield root
    run(http.aclose())
