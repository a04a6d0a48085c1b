import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from labpass_server.model import cluster as clusters
from labpass_server.model import errors, project, rule
from labpass_server.model.cluster import Algorithm, Cluster, ClusterId, Connection, Pass, Problem
from labpass_server.model.handle import Handle
from labpass_server.model.person import Person, PersonId
from labpass_server.model.project import Placement, PodSecurity, Project, ProjectId
from labpass_server.model.role import RoleName
from labpass_server.storage.database import Database

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
LAB = Cluster(
    id=ClusterId("c1"),
    name="lab",
    audience="labpass-lab-abcdefgh",
    installation="here",
    server=None,
    certificate_authority=None,
    username_prefix="labpass:",
    groups_prefix="labpass:",
    algorithm=Algorithm.ES256,
    created_at=NOW,
)
LINK = Connection(
    cluster_id=LAB.id,
    server="https://lab:6443",
    certificate_authority="pem",
    sealed_token=b"\x00\xff",
    token_expires_at=NOW + timedelta(days=30),
    token_renewed_at=NOW,
    kubernetes_version="v1.36.3",
    installed_definition="abc",
)
DONE = Pass(
    cluster_id=LAB.id,
    at=NOW,
    revision=2**40,
    is_reachable=False,
    problems=(Problem(namespace=None, reason="ö"), Problem(namespace="n", reason="x")),
)
VISION = Project(
    id=ProjectId("p1"),
    name="vision",
    is_hidden=True,
    pod_security=PodSecurity.RESTRICTED,
    placements=(Placement(cluster_id=LAB.id, namespace="labpass-vision"),),
    created_at=NOW,
)
GIVEN = rule.Rule(
    id=rule.RuleId("r1"),
    subject=rule.person(Handle("alice")),
    role=RoleName.RESEARCHER,
    scope=rule.InProject(VISION.id),
    ends_at=NOW + timedelta(hours=1),
    reason="thesis",
    created_by=Handle("root"),
    created_at=NOW,
    revision=2**40,
)


def keep(db: Database, *things: Cluster | Project | rule.Rule) -> None:
    def work(tx: Any) -> None:
        for each in things:
            match each:
                case Cluster():
                    tx.clusters.add(each)
                case Project():
                    tx.projects.add(each)
                case rule.Rule():
                    tx.rules.add(each)

    db.write_now(work)


def test_a_cluster_comes_back_as_it_was_kept(db: Database) -> None:
    keep(db, LAB)
    db.write_now(lambda tx: tx.clusters.connect(LINK))
    db.write_now(lambda tx: tx.clusters.record_pass(DONE))

    def work(tx: Any) -> None:
        assert tx.clusters.find("lab") == LAB
        assert tx.clusters.find_by_id(LAB.id) == LAB
        assert tx.clusters.find_by_audience(LAB.audience) == LAB
        assert list(tx.clusters.all()) == [LAB]
        assert tx.clusters.connection(LAB.id) == LINK
        assert tx.clusters.connected() == {LAB.id}
        assert tx.clusters.last_pass(LAB.id) == DONE
        assert tx.clusters.find("absent") is None

    db.write_now(work)


def test_a_renewed_connection_keeps_what_the_last_pass_said(db: Database) -> None:
    keep(db, LAB)
    db.write_now(lambda tx: tx.clusters.connect(LINK))
    db.write_now(lambda tx: tx.clusters.record_pass(DONE))
    db.write_now(lambda tx: tx.clusters.connect(replace(LINK, sealed_token=b"new")))
    assert db.write_now(lambda tx: tx.clusters.last_pass(LAB.id)) == DONE


def test_a_pass_over_a_cluster_that_was_just_disconnected_is_forgotten(db: Database) -> None:
    keep(db, LAB)
    db.write_now(lambda tx: tx.clusters.connect(LINK))
    db.write_now(lambda tx: tx.clusters.disconnect(LAB.id))
    db.write_now(lambda tx: tx.clusters.record_pass(DONE))
    assert db.write_now(lambda tx: tx.clusters.last_pass(LAB.id)) is None


@pytest.mark.parametrize("twin", [{"name": "lab"}, {"audience": LAB.audience}])
def test_two_clusters_share_neither_name_nor_audience(db: Database, twin: dict[str, Any]) -> None:
    keep(db, LAB)
    other = replace(LAB, id=ClusterId("c2"), **{"name": "x", "audience": "y", **twin})
    with pytest.raises(errors.Conflict):
        keep(db, other)


def test_a_removed_cluster_takes_its_placements_along(db: Database) -> None:
    keep(db, LAB, VISION)
    db.write_now(lambda tx: tx.clusters.connect(LINK))
    db.write_now(lambda tx: tx.clusters.remove(LAB.id))
    found = db.write_now(lambda tx: tx.projects.find("vision"))
    assert found == replace(VISION, placements=())
    assert db.write_now(lambda tx: tx.clusters.connected()) == frozenset()


def test_a_project_comes_back_as_it_was_kept(db: Database) -> None:
    keep(db, LAB, VISION)
    assert db.write_now(lambda tx: tx.projects.find("vision")) == VISION
    assert db.write_now(lambda tx: tx.projects.find_by_id(VISION.id)) == VISION
    changed = replace(VISION, is_hidden=False, placements=())
    db.write_now(lambda tx: tx.projects.replace(changed))
    assert db.write_now(lambda tx: list(tx.projects.all())) == [changed]


def test_a_namespace_on_a_cluster_is_one_projects_alone(db: Database) -> None:
    keep(db, LAB, VISION)
    with pytest.raises(errors.Conflict):
        keep(db, replace(VISION, id=ProjectId("p2"), name="thief"))


def test_projects_are_found_by_where_they_are(db: Database) -> None:
    keep(db, LAB, VISION)

    def work(tx: Any) -> None:
        assert tx.projects.are_on(LAB.id, [VISION.id, ProjectId("x")])
        assert not tx.projects.are_on(LAB.id, [ProjectId("x")])
        assert not tx.projects.are_on(ClusterId("x"), [VISION.id])
        assert not tx.projects.are_on(LAB.id, [])

    db.write_now(work)


def test_a_rule_comes_back_as_it_was_kept(db: Database) -> None:
    everywhere = replace(
        GIVEN,
        id=rule.RuleId("r2"),
        scope=rule.Organisation(),
        ends_at=None,
        created_at=NOW + timedelta(seconds=1),
    )
    keep(db, LAB, VISION, GIVEN, everywhere)

    def work(tx: Any) -> None:
        assert list(tx.rules.all()) == [GIVEN, everywhere]
        assert list(tx.rules.of(GIVEN.subject)) == [GIVEN, everywhere]
        assert list(tx.rules.of(rule.person(Handle("bob")))) == []
        assert tx.rules.find("r1") == GIVEN
        assert tx.rules.next_end(NOW) == GIVEN.ends_at
        assert tx.rules.next_end(NOW + timedelta(hours=1)) is None
        tx.rules.replace(replace(GIVEN, role=RoleName.VIEWER))
        assert tx.rules.find("r1") == replace(GIVEN, role=RoleName.VIEWER)
        tx.rules.remove(GIVEN.id)
        assert tx.rules.find("r1") is None

    db.write_now(work)


def test_a_removed_project_takes_its_rules_along(db: Database) -> None:
    keep(db, LAB, VISION, GIVEN)
    db.write_now(lambda tx: tx.projects.remove(VISION.id))
    assert db.write_now(lambda tx: list(tx.rules.all())) == []


def test_disabled_people_are_barred(db: Database) -> None:
    def work(tx: Any) -> None:
        for name, is_disabled in (("alice", True), ("bob", False)):
            tx.people.add(
                Person(
                    id=PersonId(name),
                    handle=Handle(name),
                    display_name=name,
                    email=None,
                    is_disabled=is_disabled,
                    password_is_temporary=False,
                    created_at=NOW,
                ),
                None,
            )
        assert tx.rules.barred() == {"alice"}

    db.write_now(work)


def test_the_revision_counts_every_change_of_many_at_once(db: Database) -> None:
    before = db.write_now(lambda tx: tx.revisions.current())
    seen: list[int] = []

    def bump() -> None:
        seen.append(db.write_now(lambda tx: tx.revisions.bump()))

    threads = [threading.Thread(target=bump) for _ in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(seen) == list(range(before + 1, before + 21))


def test_of_many_who_want_a_lease_one_gets_it(db: Database) -> None:
    def ask(holder: str, now: datetime = NOW) -> bool:
        until = now + timedelta(seconds=15)

        def work(tx: Any) -> bool:
            answer: bool = tx.leases.acquire("cluster/c1", holder, now=now, until=until)
            return answer

        try:
            return db.write_now(work)
        except errors.Conflict:
            return False

    got: list[str] = []
    threads = [
        threading.Thread(target=lambda name=name: got.append(name) if ask(name) else None)
        for name in map(str, range(20))
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    (holder,) = got
    assert ask(holder)
    assert not ask("another", NOW + timedelta(seconds=14))
    assert ask("another", NOW + timedelta(seconds=15))
    assert not ask(holder, NOW + timedelta(seconds=16))
    db.write_now(lambda tx: tx.leases.release("cluster/c1", holder))
    assert not ask(holder, NOW + timedelta(seconds=17))
    db.write_now(lambda tx: tx.leases.release("cluster/c1", "another"))
    assert ask(holder, NOW + timedelta(seconds=18))


def test_names_and_prefixes_that_would_be_dangerous_are_refused() -> None:
    for name in ("", "-a", "a-", "A", "a" * 41, "1a", "a b"):
        with pytest.raises(errors.Invalid):
            clusters.valid_name(name)
        with pytest.raises(errors.Invalid):
            project.valid_name(name)
