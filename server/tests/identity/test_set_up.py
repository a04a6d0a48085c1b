import asyncio

import pytest
from server.tests.conftest import Clock, Run

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.identity import people
from labpass_server.model import errors
from labpass_server.model.role import RoleName
from labpass_server.storage import database

FIRST = people.NewPerson(
    handle="root-of-all", password=Secret("correct horse battery staple"), is_temporary=False
)


def test_the_link_makes_one_administrator(
    identity: authority.Authority, store: database.Database, run: Run, clock: Clock
) -> None:
    link = run(identity.set_up.begin(clock()))
    assert link is not None
    run(identity.set_up.complete(link, FIRST, now=clock()))
    rules = store.write_now(lambda tx: tx.rules.all())
    assert [rule.role for rule in rules] == [RoleName.ORGANISATION_ADMINISTRATOR]
    assert run(identity.set_up.begin(clock())) is None


def test_the_link_works_once_however_many_press_at_once(
    identity: authority.Authority, store: database.Database, run: Run, clock: Clock
) -> None:
    link = run(identity.set_up.begin(clock()))
    assert link is not None

    async def press() -> list[object]:
        presses = (
            identity.set_up.complete(
                link,
                people.NewPerson(handle=f"first-{number}", password=FIRST.password),
                now=clock(),
            )
            for number in range(5)
        )
        return await asyncio.gather(*presses, return_exceptions=True)

    outcomes = run(press())
    assert sum(isinstance(each, errors.NotFound) for each in outcomes) == 4
    assert len(store.write_now(lambda tx: tx.people.all())) == 1


def test_a_poor_password_does_not_use_the_link_up(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    link = run(identity.set_up.begin(clock()))
    assert link is not None
    poor = people.NewPerson(handle="root-of-all", password=Secret("short"))
    with pytest.raises(errors.Invalid):
        run(identity.set_up.complete(link, poor, now=clock()))
    assert run(identity.set_up.expects(link))


def test_a_later_start_replaces_a_link_nobody_used(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    old, new = run(identity.set_up.begin(clock())), run(identity.set_up.begin(clock()))
    assert old is not None
    assert new is not None
    assert not run(identity.set_up.expects(old))
    assert run(identity.set_up.expects(new))


def test_an_administrator_made_on_the_machine_ends_the_link(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    link = run(identity.set_up.begin(clock()))
    assert link is not None
    run(identity.set_up.add_administrator(FIRST, now=clock()))
    with pytest.raises(errors.NotFound):
        run(identity.set_up.complete(link, FIRST, now=clock()))


def test_a_guessed_link_is_nothing(identity: authority.Authority, run: Run, clock: Clock) -> None:
    run(identity.set_up.begin(clock()))
    with pytest.raises(errors.NotFound):
        run(identity.set_up.complete(Secret("guess"), FIRST, now=clock()))
