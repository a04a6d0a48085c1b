import re

import pytest
from server.tests.conftest import Clock, Run

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.identity import people
from labpass_server.model import errors
from labpass_server.storage import database

GOOD = Secret("correct horse battery staple")


def test_a_made_password_is_temporary_and_told_once(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    new = people.NewPerson(handle="alice")
    added, made = run(identity.people.add(new, actor="root", now=clock()))
    assert made is not None
    assert re.fullmatch(r"([a-z2-9]{4}-){3}[a-z2-9]{4}", made.reveal())
    assert added.password_is_temporary
    proven = run(identity.passwords.check("alice", made, address="::1", now=clock()))
    assert proven is not None
    assert proven.person == added
    assert "argon2" not in repr(proven)


def test_a_given_password_is_not_told_again(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    new = people.NewPerson(handle="alice", password=GOOD, is_temporary=False)
    added, made = run(identity.people.add(new, actor="root", now=clock()))
    assert made is None
    assert not added.password_is_temporary


def test_a_handle_is_used_once(identity: authority.Authority, run: Run, clock: Clock) -> None:
    run(identity.people.add(people.NewPerson(handle="alice"), actor="root", now=clock()))
    with pytest.raises(errors.Conflict):
        run(identity.people.add(people.NewPerson(handle="alice"), actor="root", now=clock()))


@pytest.mark.parametrize(
    "new",
    [
        people.NewPerson(handle="canary"),
        people.NewPerson(handle="system.masters"),
        people.NewPerson(handle="admin"),
        people.NewPerson(handle="alice", password=Secret("short")),
        people.NewPerson(handle="alice", email="no address"),
        people.NewPerson(handle="alice", display_name="line\nbreak"),
    ],
)
def test_what_cannot_be_is_refused(
    identity: authority.Authority, run: Run, clock: Clock, new: people.NewPerson
) -> None:
    with pytest.raises(errors.Invalid):
        run(identity.people.add(new, actor="root", now=clock()))


def test_an_administrator_can_agree_to_an_administrators_name(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    new = people.NewPerson(handle="admin", may_be_called_admin=True)
    assert run(identity.people.add(new, actor="root", now=clock()))[0].handle == "admin"


def test_a_new_password_ends_the_old_one(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    new = people.NewPerson(handle="alice", password=GOOD, is_temporary=False)
    run(identity.people.add(new, actor="root", now=clock()))
    made = run(
        identity.people.reset_password("alice", None, is_temporary=True, actor="r", now=clock())
    )
    assert made is not None
    assert run(identity.passwords.check("alice", GOOD, address="::1", now=clock())) is None
    found = run(identity.passwords.check("alice", made, address="::1", now=clock()))
    assert found is not None
    assert found.person.password_is_temporary


def test_what_is_described_can_change_and_the_handle_cannot(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    run(identity.people.add(people.NewPerson(handle="alice"), actor="root", now=clock()))
    found = run(
        identity.people.describe(
            "alice", display_name="Alice", email="a@example.org", actor="root", now=clock()
        )
    )
    assert (found.handle, found.display_name, found.email) == ("alice", "Alice", "a@example.org")


def test_nobody_is_changed_who_is_not_there(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    with pytest.raises(errors.NotFound):
        run(identity.people.set_disabled("nobody", is_disabled=True, actor="r", now=clock()))


def test_everything_is_written_down_and_no_secret_with_it(
    identity: authority.Authority, store: database.Database, run: Run, clock: Clock
) -> None:
    _, made = run(identity.people.add(people.NewPerson(handle="alice"), actor="root", now=clock()))
    run(identity.people.set_disabled("alice", is_disabled=True, actor="root", now=clock()))
    events = store.write_now(lambda tx: tx.events.latest(10))
    assert [event.kind for event in events] == ["person.disabled", "person.added"]
    assert all(event.actor == "root" and event.subject == "alice" for event in events)
    assert made is not None
    assert made.reveal() not in repr(events)
