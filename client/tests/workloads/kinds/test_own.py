import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass.cluster import names, permission_sets
from labpass.workloads.kinds import allowed, job, own
from labpass.workloads.kinds.document import Object, find
from labpass.workloads.kinds.invalid import InvalidWorkload

POD: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {}}
JOB: Object = {
    "apiVersion": "batch/v1",
    "kind": "Job",
    "metadata": {"name": "j", "labels": {"team": "x"}},
    "spec": {"template": {"spec": {}}},
}
MARK = "labpass.dev/submitted-by"


def _prepare(document: Any) -> dict[str, Any]:
    return own.prepare(document, namespace="labpass-vision", submitter="alice")


def test_the_list_is_what_the_permission_sets_let_a_person_create() -> None:
    creatable = {
        (rule.group, resource)
        for permission_set in permission_sets.SETS
        if permission_set.name != "interact"  # enters pods, makes no objects
        for rule in permission_set.rules
        if "create" in rule.verbs
        for resource in rule.resources
    }
    listed = {
        (kind.api_version.rpartition("/")[0].removesuffix("/v1"), kind.resource)
        for kind in allowed.KINDS
    }
    assert listed == creatable


def test_the_label_is_the_one_the_policies_know() -> None:
    assert job.SUBMITTED_BY == names.SUBMITTED_BY


def test_the_submitter_is_written_on_the_object_and_on_each_template() -> None:
    manifest = _prepare(JOB)
    assert find(manifest, "metadata", "labels") == {"team": "x", MARK: "alice"}
    assert find(manifest, "spec", "template", "metadata", "labels", MARK) == "alice"
    assert find(manifest, "metadata", "namespace") == "labpass-vision"
    assert find(JOB, "metadata", "labels") == {"team": "x"}, "the file's own document is left alone"


def test_a_claim_to_be_another_is_left_for_the_api_server_to_judge() -> None:
    forged = {**POD, "metadata": {"name": "p", "labels": {MARK: "bob"}}}
    assert find(_prepare(forged), "metadata", "labels", MARK) == "bob"


def test_what_makes_no_pods_carries_no_submitter() -> None:
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}
    assert find(_prepare(config), "metadata", "labels") is None


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({**POD, "kind": "RoleBinding"}, "kind"),
        ({**POD, "kind": "ServiceAccount"}, "kind"),
        ({**POD, "apiVersion": "v2"}, "kind"),
        ({"kind": "Pod"}, "document"),
        ({**POD, "metadata": {}}, "metadata.name"),
        ({**POD, "metadata": {"name": "../x"}}, "metadata.name"),
        ({**POD, "metadata": {"name": "p", "namespace": "kube-system"}}, "metadata.namespace"),
        ({**JOB, "spec": {}}, "spec"),
        ({**JOB, "spec": {"suspend": True}}, "spec.template"),
        ({**JOB, "metadata": {"name": "a.b"}}, "metadata.name"),
    ],
)
def test_what_is_refused_before_it_is_sent(document: Any, field: str) -> None:
    with pytest.raises(InvalidWorkload) as caught:
        _prepare(document)
    assert caught.value.field == field


def test_a_generated_name_is_enough() -> None:
    assert _prepare({**POD, "metadata": {"generateName": "p-"}})


def test_a_list_is_its_items() -> None:
    assert own.unfold({"apiVersion": "v1", "kind": "List", "items": [POD, JOB]}) == [POD, JOB]


@pytest.mark.parametrize(
    "document",
    [
        None,
        "text",
        [POD],
        {"kind": "List", "items": [1]},
        {1: 2},
        {"a": dt.date(2026, 1, 1)},
        {"a": float("nan")},
        {"a": b"bytes"},
    ],
)
def test_what_is_no_object(document: object) -> None:
    with pytest.raises(InvalidWorkload):
        own.unfold(document)


def test_a_document_that_aliases_would_grow_to_billions_is_refused_quickly() -> None:
    bomb: list[Any] = ["lol"] * 9
    for _ in range(20):
        bomb = [bomb] * 9
    with pytest.raises(InvalidWorkload, match="too large"):
        own.unfold({"a": bomb})


def test_a_document_that_holds_itself_is_refused() -> None:
    loop: dict[str, Any] = {}
    loop["loop"] = loop
    with pytest.raises(InvalidWorkload, match="too large"):
        own.unfold(loop)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@given(st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_whatever_a_file_holds_is_prepared_or_refused_and_keeps_the_rest(
    document: dict[str, Any],
) -> None:
    wanted = {**document, "apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}}
    try:
        manifest = _prepare(own.unfold(wanted)[0])
    except InvalidWorkload:
        return
    rest = {key: value for key, value in wanted.items() if key not in {"metadata", "spec"}}
    assert {key: manifest[key] for key in rest} == rest
