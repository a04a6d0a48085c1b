from datetime import timedelta

import sqlalchemy as sa
from server.tests.conformance.test_races import code, identity, rotating, serve, token
from server.tests.conftest import Clock, Run

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.storage import database

__all__ = ["code", "identity", "token"]  # the fixtures of the races


def count(db: database.Database, what: str) -> int:
    return int(db.write_now(lambda tx: tx.connection.execute(sa.text(what)).scalar_one()))


def test_salts_are_erased_when_the_grace_is_over(
    identity: authority.Authority, db: database.Database, token: Secret, clock: Clock, run: Run
) -> None:
    salts = "SELECT count(*) FROM refresh_tokens WHERE salt IS NOT NULL"
    run(serve(identity, clock, rotating(token)))
    run(identity.tidying.tidy(clock()))
    assert count(db, salts) == 1
    clock.turn(seconds=11)
    run(identity.tidying.tidy(clock()))
    assert count(db, salts) == 0


def test_what_is_over_for_a_day_is_removed_and_nothing_else(
    identity: authority.Authority, db: database.Database, token: Secret, clock: Clock, run: Run
) -> None:
    run(identity.tidying.tidy(clock.turn(hours=12)))
    assert count(db, "SELECT count(*) FROM refresh_tokens") == 1
    clock.time += timedelta(days=1, seconds=1)
    run(identity.tidying.tidy(clock()))
    for table in ("sessions", "refresh_tokens", "access_tokens", "codes"):
        assert count(db, f"SELECT count(*) FROM {table}") == 0  # noqa: S608 -- our own tables
    assert count(db, "SELECT count(*) FROM people") == 1
    assert count(db, "SELECT count(*) FROM events") > 0
