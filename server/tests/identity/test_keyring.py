from datetime import timedelta

import pytest
from joserfc import jwk, jwt
from server.tests.conftest import START, Clock, Run

from labpass_server.app import authority
from labpass_server.identity import keyring
from labpass_server.model import errors, key
from labpass_server.model.cluster import Algorithm
from labpass_server.signing import keysmith, sealing
from labpass_server.storage import database


def test_without_a_key_nothing_is_signed(
    store: database.Database, sealer: sealing.Sealer, run: Run, clock: Clock
) -> None:
    empty = keyring.Keyring(store, keysmith.Keysmith(sealer))
    with pytest.raises(errors.Unavailable):
        run(empty.signer(Algorithm.RS256, clock()))


def test_a_new_installation_has_two_keys_of_each_kind(
    store: database.Database, sealer: sealing.Sealer, run: Run, clock: Clock
) -> None:
    new = keyring.Keyring(store, keysmith.Keysmith(sealer))
    run(new.rotate(clock()))
    run(new.rotate(clock.turn(hours=1)))
    assert len(run(new.published(clock()))) == 4


def test_what_the_next_key_signs_was_published_long_before(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    before = jwk.KeySet.import_key_set({"keys": run(identity.keys.published(clock()))})
    clock.turn(days=30)
    run(identity.keys.rotate(clock()))
    signer = run(identity.keys.signer(Algorithm.ES256, clock()))
    assert jwt.decode(signer.sign({"sub": "x"}), before, algorithms=["ES256"]).claims


def test_what_the_old_key_signed_is_still_good_for_a_day(
    identity: authority.Authority, run: Run, clock: Clock
) -> None:
    token = run(identity.keys.signer(Algorithm.ES256, clock())).sign({"sub": "x"})
    clock.turn(days=30)
    run(identity.keys.rotate(clock()))
    after = jwk.KeySet.import_key_set({"keys": run(identity.keys.published(clock()))})
    assert jwt.decode(token, after, algorithms=["ES256"]).claims


def test_another_replica_follows_within_seconds(
    identity: authority.Authority,
    store: database.Database,
    sealer: sealing.Sealer,
    run: Run,
    clock: Clock,
) -> None:
    other = keyring.Keyring(store, keysmith.Keysmith(sealer))
    run(other.published(clock.turn(days=30)))
    run(identity.keys.rotate(clock()))
    clock.time += keyring.FRESH_FOR
    ours = run(identity.keys.published(clock()))
    assert run(other.published(clock())) == ours


def test_the_private_half_is_gone_when_the_key_is(
    identity: authority.Authority, store: database.Database, run: Run, clock: Clock
) -> None:
    for _ in range(3):
        clock.time += key.SIGNS_FOR + timedelta(hours=1)
        run(identity.keys.rotate(clock()))
    rows = store.write_now(lambda tx: tx.keys.all())
    first = [row for row in rows if row.signs_from == START]
    assert len(first) == 2
    assert all(row.sealed is None for row in first)
    assert all(row in run(identity.keys.all(clock())) for row in first)
