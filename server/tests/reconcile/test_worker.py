import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from labpass.secret import Secret
from labpass_server.model import cluster, errors, found, plan
from labpass_server.reconcile.worker import RESYNC

LAB = cluster.ClusterId("lab-id")
P0 = "labpass-p0"


def failing(kind: type[plan.Step] | tuple[type, ...], error: Exception) -> Any:
    """Fail each step of a kind."""

    async def before(step: Any) -> None:
        if isinstance(step, kind):
            raise error

    return before


def test_a_grant_and_a_withdrawal_reach_the_cluster(estate: Any) -> None:
    worker = estate.worker()
    given = estate.grant("alice")
    estate.settle(worker)
    assert estate.double.who("view") == {"alice"}
    assert estate.double.namespaces[P0].token_mount_is_off
    estate.withdraw(given)
    estate.settle(worker)
    assert estate.double.who("view") == set()
    assert estate.last.problems == ()


def test_a_pass_with_nothing_to_do_takes_no_step(estate: Any) -> None:
    worker = estate.worker()
    estate.grant("alice")
    estate.settle(worker)
    steps = len(estate.double.steps)
    estate.later(seconds=31)
    estate.turn(worker)
    assert len(estate.double.steps) == steps


def test_a_change_costs_its_own_steps_and_no_look(estate: Any) -> None:
    worker = estate.worker()
    estate.settle(worker)
    looks = estate.double.looks
    estate.grant("alice")
    estate.turn(worker)
    assert estate.double.who("view") == {"alice"}
    assert estate.double.looks == looks


def test_one_foreign_namespace_makes_no_other_change_slower(estate: Any) -> None:
    estate.double.namespaces["labpass-p1"] = found.FoundNamespace(
        name="labpass-p1",
        is_managed=False,
        installation=None,
        project=None,
        pod_security=None,
        is_terminating=False,
        token_mount_is_off=False,
    )
    estate.project()
    worker = estate.worker()
    estate.settle(worker)
    assert [each.namespace for each in estate.last.problems] == ["labpass-p1"]
    looks = estate.double.looks
    estate.grant("alice")
    estate.turn(worker)
    assert estate.double.who("view") == {"alice"}
    assert estate.double.looks == looks


def test_what_somebody_else_changed_is_seen_at_the_next_look(estate: Any) -> None:
    worker = estate.worker()
    estate.grant("alice")
    estate.settle(worker)
    ((key, old),) = estate.double.bindings.items()
    estate.double.bindings[key] = replace(old, subjects=("labpass:alice", "labpass:mallory"))
    estate.later(seconds=31)
    estate.turn(worker)
    assert estate.double.who("view") == {"alice"}


@pytest.mark.parametrize("steps", range(4))
def test_a_process_killed_between_any_two_steps_is_continued_by_the_next(
    estate: Any, killed: type[BaseException], steps: int
) -> None:
    worker = estate.worker("one")
    given = estate.grant("alice", role="researcher")
    estate.settle(worker)
    estate.withdraw(given)
    estate.grant("bob", role="researcher")
    left = steps

    async def before(_: plan.Step) -> None:
        nonlocal left
        if left == 0:
            raise killed
        left -= 1

    estate.double.before = before
    with pytest.raises(killed):
        estate.turn(worker)
    estate.double.before = failing((), ValueError())
    other = estate.worker("another")
    estate.later(seconds=16)
    estate.settle(other)
    for each in ("view", "submit", "interact", "data"):
        assert estate.double.who(each) == {"bob"}


def test_no_step_is_taken_after_the_lease_was_stolen(estate: Any) -> None:
    for _ in range(30):
        estate.project()

    async def steal(_: plan.Step) -> None:
        if not estate.double.steps:
            estate.later(seconds=16)
            now = estate.clock()
            until = now + timedelta(seconds=15)
            estate.store.write_now(
                lambda tx: tx.leases.acquire(f"cluster/{LAB}", "thief", now=now, until=until)
            )

    estate.double.before = steal
    estate.turn(estate.worker())
    assert len(estate.double.steps) <= 8


def test_a_holder_that_was_away_looks_again_before_it_works(estate: Any) -> None:
    mine, other = estate.worker("one"), estate.worker("another")
    given = estate.grant("alice")
    estate.settle(mine)
    estate.store.write_now(
        lambda tx: tx.leases.acquire(
            f"cluster/{LAB}",
            "another",
            now=estate.clock(),
            until=estate.clock() + timedelta(seconds=15),
        )
    )
    # The other one grants and is killed before it can say so.
    estate.double.bindings[P0, "labpass-view-x"] = replace(
        next(iter(estate.double.bindings.values())),
        name="labpass-view-x",
        subjects=("labpass:bob",),
    )
    estate.turn(mine)
    estate.later(seconds=16)
    estate.withdraw(given)
    estate.turn(mine)
    assert estate.double.who("view") == set()
    del other


def test_a_clock_set_back_puts_off_no_look_and_no_renewal(estate: Any) -> None:
    worker = estate.worker()
    estate.grant("alice")
    estate.settle(worker)
    estate.double.renewal = lambda: (Secret("new"), estate.clock() + timedelta(days=30))
    estate.clock.turn(hours=-3)
    assert estate.turn(worker) <= RESYNC
    assert estate.connection.token_expires_at == estate.clock() + timedelta(days=30)
    estate.double.bindings.clear()
    estate.elapsed.seconds += 31
    estate.turn(worker)
    assert estate.double.who("view") == {"alice"}


def test_after_a_crash_and_a_clock_set_back_somebody_works_at_once(estate: Any) -> None:
    until = estate.clock() + timedelta(hours=3)
    estate.store.write_now(
        lambda tx: tx.leases.acquire(f"cluster/{LAB}", "dead", now=estate.clock(), until=until)
    )
    estate.grant("alice")
    estate.settle(estate.worker())
    assert estate.double.who("view") == {"alice"}


def test_a_namespace_that_is_being_deleted_is_left_and_made_again_afterwards(estate: Any) -> None:
    worker = estate.worker()
    estate.grant("alice")
    estate.settle(worker)
    going = estate.double.namespaces[P0]
    estate.double.namespaces[P0] = replace(going, is_terminating=True)
    steps = len(estate.double.steps)
    estate.later(seconds=31)
    assert estate.turn(worker) < RESYNC
    assert len(estate.double.steps) == steps
    assert "is being deleted" in estate.last.problems[0].reason
    estate.double.namespaces.clear()
    estate.double.bindings.clear()
    estate.settle(worker)
    assert estate.double.who("view") == {"alice"}


def test_a_namespace_under_anothers_label_is_not_touched_and_the_others_go_on(estate: Any) -> None:
    worker = estate.worker()
    estate.project()
    given = [estate.grant("alice"), estate.grant("alice", "id-p1")]
    estate.settle(worker)
    there = estate.double.namespaces[P0]
    estate.double.namespaces[P0] = replace(there, installation="mallory")
    for each in given:
        estate.withdraw(each)
    estate.later(seconds=31)
    estate.turn(worker)
    assert estate.double.who("view", "labpass-p1") == set()
    (problem,) = estate.last.problems
    assert problem.namespace == P0
    assert "not ours" in problem.reason


def test_a_foreign_binding_with_our_name_is_reported_and_stays(estate: Any) -> None:
    worker = estate.worker()
    given = estate.grant("alice")
    estate.settle(worker)
    ((key, ours),) = estate.double.bindings.items()
    estate.double.bindings[key] = replace(ours, is_managed=False, subjects=("labpass:mallory",))
    estate.withdraw(given)
    estate.grant("bob")
    estate.later(seconds=31)
    estate.turn(worker)
    assert estate.double.who("view") == {"mallory"}
    assert "exists and is not ours" in estate.last.problems[0].reason


def test_a_binding_of_another_role_under_our_name_is_deleted_and_made_again(estate: Any) -> None:
    worker = estate.worker()
    estate.grant("alice")
    estate.settle(worker)
    ((key, ours),) = estate.double.bindings.items()
    estate.double.bindings[key] = replace(ours, cluster_role="labpass-data")
    estate.later(seconds=31)
    before = len(estate.double.steps)
    estate.settle(worker)
    assert [type(each) for each in estate.double.steps[before:]] == [plan.Delete, plan.Create]
    assert estate.double.who("view") == {"alice"}
    assert estate.double.who("data") == set()


def test_no_withdrawal_waits_behind_a_grant_that_fails(estate: Any) -> None:
    worker = estate.worker()
    given = estate.grant("alice")
    estate.settle(worker)
    estate.withdraw(given)
    estate.grant("bob", role="researcher")
    estate.double.before = failing(plan.Create, errors.NotAllowed("the fence says no"))
    estate.turn(worker)
    assert "alice" not in estate.double.who("view")
    assert {each.namespace for each in estate.last.problems} == {P0}


def test_a_busy_cluster_is_asked_for_revokes_only_and_then_left_in_peace(estate: Any) -> None:
    worker = estate.worker()
    estate.project()
    given = [estate.grant("alice"), estate.grant("alice", "id-p1")]
    estate.settle(worker)
    for each in given:
        estate.withdraw(each)
    estate.grant("bob", role="researcher")
    busy = errors.TooMany(timedelta(seconds=7))
    asked = []

    async def before(step: plan.Step) -> None:
        asked.append(type(step))
        raise busy

    estate.double.before = before
    assert estate.turn(worker) == timedelta(seconds=7)
    assert set(asked) == {plan.Delete, plan.Apply}
    assert not estate.last.has_done(0, P0)
    assert not estate.last.has_done(0, "labpass-anything")


@pytest.mark.parametrize("where", ["look", "step"])
def test_a_cluster_that_is_gone_is_shown_as_unreachable_and_tried_again(
    estate: Any, where: str
) -> None:
    worker = estate.worker()
    gone = errors.Unavailable("the API server answers 503")

    def look() -> None:
        raise gone

    healthy = estate.double.on_look
    if where == "look":
        estate.double.on_look = look
    else:
        estate.double.before = failing((plan.Create, plan.Apply), gone)
    waits = [estate.turn(worker) for _ in range(12)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(seconds=60)
    assert not estate.last.is_reachable
    estate.double.on_look, estate.double.before = healthy, failing((), ValueError())
    estate.grant("alice")
    estate.settle(worker)
    assert estate.double.who("view") == {"alice"}
    assert estate.last.is_reachable


def test_a_cluster_that_breaks_our_code_delays_its_own_worker_alone(estate: Any) -> None:
    worker = estate.worker()
    estate.double.before = failing((plan.Create, plan.Apply), RuntimeError("a bug"))
    assert estate.turn(worker) == timedelta(milliseconds=250)
    assert estate.turn(worker) == timedelta(milliseconds=500)


def test_a_token_that_cannot_be_opened_is_said(estate: Any) -> None:
    def spoil(tx: Any) -> None:
        old = tx.clusters.connection(LAB)
        tx.clusters.connect(replace(old, sealed_token=b"moved here from another row"))

    estate.store.write_now(spoil)
    estate.turn(estate.worker())
    assert not estate.last.is_reachable
    assert "not ours to open" in estate.last.problems[0].reason
    assert estate.reached == []


def test_more_problems_than_anybody_reads_leave_no_rule_looking_applied(estate: Any) -> None:
    for _ in range(40):
        estate.project()
    estate.double.before = failing(plan.Create, errors.NotAllowed("no"))
    estate.turn(estate.worker())
    problems = estate.last.problems
    assert len(problems) == 21
    assert problems[-1].reason == "and 21 more"
    assert not any(estate.last.has_done(0, f"labpass-p{number}") for number in range(41))


def test_the_token_is_renewed_once_a_day(estate: Any) -> None:
    worker = estate.worker()
    estate.settle(worker)
    ends = estate.clock() + timedelta(days=31)
    estate.double.renewal = lambda: (Secret("new"), ends)
    estate.later(hours=23)
    estate.turn(worker)
    assert estate.connection.token_expires_at != ends
    estate.later(hours=1)
    estate.turn(worker)
    assert estate.connection.token_expires_at == ends
    estate.later(seconds=31)
    estate.turn(worker)
    assert estate.reached[-1].token.reveal() == "new"


def test_a_renewal_that_is_refused_breaks_nothing(estate: Any) -> None:
    worker = estate.worker()
    estate.later(days=2)
    estate.grant("alice")
    estate.settle(worker)
    assert estate.double.who("view") == {"alice"}


def test_a_renewal_does_not_undo_a_connection_made_meanwhile(estate: Any) -> None:
    def renewal() -> Any:
        estate.connect("the administrator's new one", "https://elsewhere")
        return Secret("of the stolen account"), estate.clock() + timedelta(days=30)

    estate.double.renewal = renewal
    estate.later(days=2)
    estate.turn(estate.worker())
    assert estate.connection.server == "https://elsewhere"
    opened = estate.sealer.open(estate.connection.sealed_token, purpose=cluster.token_purpose(LAB))
    assert opened == b"the administrator's new one"


def test_a_renewal_does_not_bring_back_a_cluster_that_was_taken_away(estate: Any) -> None:
    def renewal() -> Any:
        estate.store.write_now(lambda tx: tx.clusters.disconnect(LAB))
        return Secret("new"), estate.clock() + timedelta(days=30)

    estate.double.renewal = renewal
    estate.later(days=2)
    estate.turn(estate.worker())
    assert estate.connection is None


def test_another_connection_is_used_at_once(estate: Any) -> None:
    worker = estate.worker()
    estate.settle(worker)
    estate.connect("another", "https://elsewhere")
    estate.turn(worker)
    assert [each.server for each in estate.reached] == ["https://lab", "https://elsewhere"]
    assert estate.double.closed == 1


def test_what_another_replica_has_just_done_is_not_done_again(estate: Any) -> None:
    estate.grant("alice")
    estate.settle(estate.worker("one"))
    looks = estate.double.looks
    estate.turn(estate.worker("another"))
    assert estate.double.looks == looks


def test_a_worker_runs_until_it_is_told_to_stop(estate: Any, eventually: Any) -> None:
    async def live() -> None:
        worker = estate.worker()
        task = asyncio.create_task(worker.run())
        await eventually(lambda: P0 in estate.double.namespaces)
        estate.grant("alice")
        worker.wake()
        await eventually(lambda: estate.double.who("view") == {"alice"})
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    estate.run(live())
    assert estate.double.closed == 1


def test_a_cluster_that_is_not_connected_has_nothing_to_do(estate: Any) -> None:
    estate.store.write_now(lambda tx: tx.clusters.disconnect(LAB))
    assert estate.turn(estate.worker()) == RESYNC
    assert estate.double.looks == 0
