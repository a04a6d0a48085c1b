import pytest
from server.tests.conftest import Clock, Run

from labpass.secret import Secret
from labpass_server.app import authority
from labpass_server.identity import passwords, people
from labpass_server.model import errors
from labpass_server.storage import database

GOOD = Secret("correct horse battery staple")


@pytest.mark.parametrize(
    "good",
    [
        "correct horse battery staple",
        "x7Qp-1kd9-Lm3v-",
        "пароль из многих слов",
        "éééééabcdefghijk",
    ],
)
def test_length_is_what_counts(good: str) -> None:
    assert passwords.accept(Secret(good), "alice").reveal() == good


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "fourteen chars",
        "x" * 300,
        "aaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "alicealicealicealice",
        "passwordpassword12345678",
    ],
)
def test_what_everybody_guesses_first_is_refused(bad: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        passwords.accept(Secret(bad), "alice")
    assert refused.value.field == "password"


def test_a_hash_with_old_parameters_is_renewed_at_the_next_sign_in(
    identity: authority.Authority,
    store: database.Database,
    run: Run,
    clock: Clock,
) -> None:
    import argon2  # noqa: PLC0415 -- to make an old hash

    new = people.NewPerson(handle="alice", password=GOOD, is_temporary=False)
    added, _ = run(identity.people.add(new, actor="root", now=clock()))
    old = argon2.PasswordHasher(time_cost=1, memory_cost=32, parallelism=1).hash(GOOD.reveal())
    store.write_now(lambda tx: tx.people.set_password(added.id, old, is_temporary=False))
    assert run(identity.passwords.check("alice", GOOD, address="::1", now=clock()))
    renewed = store.write_now(lambda tx: tx.people.password_hash(added.id))
    assert renewed is not None
    assert "m=64,t=2" in renewed
    assert run(identity.passwords.check("alice", GOOD, address="::1", now=clock()))


def test_a_person_without_a_password_cannot_sign_in_with_one(
    identity: authority.Authority, store: database.Database, run: Run, clock: Clock
) -> None:
    new = people.NewPerson(handle="alice", password=GOOD, is_temporary=False)
    added, _ = run(identity.people.add(new, actor="root", now=clock()))
    store.write_now(
        lambda tx: tx.connection.exec_driver_sql("UPDATE people SET password_hash = NULL")
    )
    assert added.handle == "alice"
    assert run(identity.passwords.check("alice", GOOD, address="::1", now=clock())) is None
    assert run(identity.passwords.check("alice", Secret(""), address="::1", now=clock())) is None
