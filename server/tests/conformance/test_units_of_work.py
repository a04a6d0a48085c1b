import asyncio
from collections.abc import Callable

import pytest
from server.tests.conftest import START, Run

from labpass_server.model import errors
from labpass_server.model import handle as handles
from labpass_server.model import person as persons
from labpass_server.storage import database, transaction


def someone(name: str) -> persons.Person:
    return persons.Person(
        id=persons.PersonId(f"id-{name}"),
        handle=handles.Handle(name),
        display_name=name.title(),
        email=None,
        is_disabled=False,
        password_is_temporary=False,
        created_at=START,
    )


def add(name: str) -> Callable[[transaction.Transaction], None]:
    return lambda tx: tx.people.add(someone(name), None)


def test_what_was_written_is_read_back(db: database.Database, run: Run) -> None:
    run(db.write(add("alice")))
    assert run(db.read(lambda tx: tx.people.find_by_handle("alice"))) == someone("alice")


def test_a_work_that_fails_leaves_nothing(db: database.Database, run: Run) -> None:
    def fail(tx: transaction.Transaction) -> None:
        tx.people.add(someone("alice"), None)
        raise errors.NotAllowed("changed my mind")

    with pytest.raises(errors.NotAllowed):
        run(db.write(fail))
    assert run(db.read(lambda tx: tx.people.all())) == []


def test_works_that_wait_together_fail_each_for_itself(db: database.Database, run: Run) -> None:
    async def race() -> list[BaseException | None]:
        works = [db.write(add(name)) for name in ("alice", "bob", "alice", "carol", "bob")]
        return await asyncio.gather(*works, return_exceptions=True)

    outcomes = run(race())
    assert sum(isinstance(each, errors.Conflict) for each in outcomes) == 2
    found = run(db.read(lambda tx: [person.handle for person in tx.people.all()]))
    assert found == ["alice", "bob", "carol"]


def test_a_name_that_is_taken_is_a_conflict(db: database.Database, run: Run) -> None:
    run(db.write(add("alice")))
    with pytest.raises(errors.Conflict):
        run(db.write(add("alice")))


def test_a_work_without_a_loop_does_the_same(db: database.Database, run: Run) -> None:
    db.write_now(add("alice"))
    assert db.write_now(lambda tx: len(tx.people.all())) == 1


def test_a_closed_database_says_so(db: database.Database) -> None:
    db.close()
    with pytest.raises((errors.Unavailable, RuntimeError)):
        db.write_now(add("alice"))
