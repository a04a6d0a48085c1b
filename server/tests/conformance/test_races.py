"""What must be decided once, decided once, however many ask at the same time."""

import asyncio
from collections.abc import Callable, Sequence

import pytest
import sqlalchemy as sa
from server.tests.conftest import ISSUER, Clock, Run

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.identity import desk, outcome, people, redemption, refresh, terminal
from labpass_server.model import errors, session
from labpass_server.model.authorization import Authorization, Scope
from labpass_server.model.client import LABPASS
from labpass_server.storage import database

PASSWORD = Secret("correct horse battery staple")
VERIFIER = Secret("v" * 43)
ADDRESS = "192.0.2.7"
MANY = 30


@pytest.fixture
def identity(
    db: database.Database,
    identity_over: Callable[[database.Database], authority.Authority],
    clock: Clock,
    run: Run,
) -> authority.Authority:
    made = identity_over(db)
    alice = people.NewPerson(handle="alice", password=PASSWORD, is_temporary=False)
    run(made.people.add(alice, actor="root", now=clock()))
    return made


@pytest.fixture
def code(identity: authority.Authority, clock: Clock, run: Run) -> Secret:
    asked = Authorization(
        client_id=LABPASS,
        redirect_uri=f"{ISSUER}/code",
        scope=(Scope.OPENID, Scope.OFFLINE_ACCESS),
        challenge=redemption.s256(VERIFIER),
    )
    given = terminal.Credentials(name="alice", password=PASSWORD, new_password=None)
    answer = run(identity.door.terminal.sign_in(asked, given, address=ADDRESS, now=clock()))
    assert not isinstance(answer, terminal.Failed)
    return answer.code


async def serve(
    identity: authority.Authority, clock: Clock, grant: desk.Grant
) -> desk.Issued | outcome.Refused:
    result = await identity.door.desk.serve(desk.Credentials(client_id=LABPASS), grant, now=clock())
    assert not isinstance(result, desk.Stranger)
    return result


def redeeming(code: Secret) -> desk.Grant:
    presented = redemption.Presented(code=code, redirect_uri=f"{ISSUER}/code", verifier=VERIFIER)
    return lambda turn: redemption.redeem(turn, presented)


def rotating(token: Secret) -> desk.Grant:
    return lambda turn: refresh.rotate(turn, token)


async def race(
    identity: authority.Authority, clock: Clock, grant: desk.Grant
) -> Sequence[desk.Issued | outcome.Refused]:
    return await asyncio.gather(*(serve(identity, clock, grant) for _ in range(MANY)))


def refresh_tokens(results: Sequence[desk.Issued | outcome.Refused]) -> list[str]:
    return [
        each.granted.refresh_token.reveal()
        for each in results
        if isinstance(each, desk.Issued) and each.granted.refresh_token is not None
    ]


def count(db: database.Database, table: str) -> int:
    statement = sa.text(f"SELECT count(*) FROM {table}")  # noqa: S608 -- our own table's name
    return int(db.write_now(lambda tx: tx.connection.execute(statement).scalar_one()))


@pytest.fixture
def token(identity: authority.Authority, code: Secret, clock: Clock, run: Run) -> Secret:
    issued = run(serve(identity, clock, redeeming(code)))
    assert isinstance(issued, desk.Issued)
    assert issued.granted.refresh_token is not None
    return issued.granted.refresh_token


def test_thirty_redemptions_of_one_code_make_one_session_and_end_it(
    identity: authority.Authority, db: database.Database, code: Secret, clock: Clock, run: Run
) -> None:
    results = run(race(identity, clock, redeeming(code)))
    (won,) = refresh_tokens(results)
    assert count(db, "sessions") == 1
    # The others looked like a thief: what the first one got is worth nothing.
    assert isinstance(run(serve(identity, clock, rotating(Secret(won)))), outcome.Refused)


def test_thirty_rotations_of_one_token_give_one_session_and_one_successor(
    identity: authority.Authority, db: database.Database, token: Secret, clock: Clock, run: Run
) -> None:
    results = run(race(identity, clock, rotating(token)))
    given = refresh_tokens(results)
    assert len(given) == MANY
    assert len(set(given)) == 1
    assert count(db, "sessions") == 1
    assert count(db, "refresh_tokens") == 2
    assert isinstance(run(serve(identity, clock, rotating(Secret(given[0])))), desk.Issued)


def test_a_used_token_after_the_grace_ends_the_whole_family(
    identity: authority.Authority, token: Secret, clock: Clock, run: Run
) -> None:
    (next_token,) = refresh_tokens([run(serve(identity, clock, rotating(token)))])
    clock.time += session.GRACE
    assert refresh_tokens([run(serve(identity, clock, rotating(token)))]) == [next_token]
    clock.turn(seconds=1)
    refused = run(serve(identity, clock, rotating(token)))
    assert isinstance(refused, outcome.Refused)
    assert refused.error is outcome.TokenError.INVALID_GRANT
    assert isinstance(run(serve(identity, clock, rotating(Secret(next_token)))), outcome.Refused)


def test_the_database_never_holds_a_token_in_the_clear(
    identity: authority.Authority, db: database.Database, token: Secret, clock: Clock, run: Run
) -> None:
    (next_token,) = refresh_tokens([run(serve(identity, clock, rotating(token)))])
    rows = db.write_now(
        lambda tx: tx.connection.execute(sa.text("SELECT * FROM refresh_tokens")).all()
    )
    text = repr([tuple(row) for row in rows])
    assert token.reveal() not in text
    assert next_token not in text


def test_thirty_guesses_at_once_are_counted_one_by_one(
    identity: authority.Authority, db: database.Database, clock: Clock, run: Run
) -> None:
    async def guess() -> str:
        try:
            found = await identity.passwords.check(
                "alice", Secret("a wrong password"), address=ADDRESS, now=clock()
            )
        except errors.TooMany:
            return "throttled"
        return "wrong" if found is None else "right"

    async def storm() -> list[str]:
        return await asyncio.gather(*(guess() for _ in range(MANY)))

    outcomes = run(storm())
    assert outcomes.count("wrong") == 5
    assert outcomes.count("throttled") == MANY - 5


def test_two_replicas_that_start_together_agree_on_a_key(
    db: database.Database,
    identity_over: Callable[[database.Database], authority.Authority],
    clock: Clock,
    run: Run,
) -> None:
    one, other = identity_over(db), identity_over(db)

    async def both() -> list[list[dict[str, object]]]:
        await asyncio.gather(one.keys.rotate(clock()), other.keys.rotate(clock()))
        return [await one.keys.published(clock()), await other.keys.published(clock())]

    first, second = run(both())
    assert first == second
