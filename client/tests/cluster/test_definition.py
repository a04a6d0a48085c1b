"""What is installed, read as documents; `LABPASS_GOLDEN=write` writes them anew."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from labpass.cluster import definition, manifest, names, stamp
from labpass.cluster.manifest import Manifest

GOLDEN = Path(__file__).parent / "golden"
NEW = (1, 36)
OLD = (1, 30)


def objects(version: tuple[int, int] = NEW) -> tuple[Manifest, ...]:
    return definition.objects("one", "labpass:", "labpass:", version)


def written(each: Manifest) -> str:
    yaml = YAML()
    yaml.width = 10_000
    yaml.default_flow_style = False
    text = io.StringIO()
    yaml.dump(readable(each), text)
    return text.getvalue()


def readable(part: Any) -> Any:
    match part:
        case dict():
            return {key: readable(value) for key, value in part.items()}
        case list() | tuple():
            return [readable(value) for value in part]
        case str() if "\n" in part:
            return LiteralScalarString(part)
        case _:
            return part


@pytest.mark.parametrize("each", objects(), ids=manifest.title)
def test_each_object_is_as_it_was_read(each: Manifest) -> None:
    plain = manifest.annotated(each, {names.DEFINITION: "(digest)"})
    path = GOLDEN / f"{manifest.title(each).replace(' ', '-').replace('/', '.')}.yaml"
    if os.environ.get("LABPASS_GOLDEN") == "write":
        path.write_text(written(plain))
    assert path.read_text() == written(plain)


def test_no_golden_file_is_left_over() -> None:
    titles = {f"{manifest.title(e).replace(' ', '-').replace('/', '.')}.yaml" for e in objects()}
    assert {path.name for path in GOLDEN.iterdir()} == titles


def test_below_1_36_everything_is_there_but_the_stamp() -> None:
    old, new = set(map(manifest.title, objects(OLD))), set(map(manifest.title, objects(NEW)))
    assert old < new
    assert all(stamp.NAME in title for title in new - old)


def test_the_account_may_read_a_policy_only_where_it_exists() -> None:
    role = next(e for e in objects(OLD) if manifest.title(e) == "ClusterRole labpass-reconciler")
    assert stamp.NAME not in str(role)


def test_below_1_30_nothing_is_installed() -> None:
    with pytest.raises(definition.TooOld):
        objects((1, 29))


def test_policies_come_before_the_account() -> None:
    order = [manifest.kind(each) for each in objects()]
    last_policy = max(i for i, kind in enumerate(order) if "AdmissionPolicy" in kind)
    assert order[0] == "Namespace"
    assert last_policy < min(order.index("ServiceAccount"), order.index("ClusterRoleBinding"))
    assert order[-1] == "ClusterRoleBinding"


def test_every_object_carries_our_label_and_the_digest() -> None:
    digest = definition.digest("one", "labpass:", "labpass:", NEW)
    for each in objects():
        metadata = each["metadata"]
        assert isinstance(metadata, dict)
        assert metadata["labels"][names.MANAGED_BY] == names.MANAGER
        assert metadata["annotations"][names.DEFINITION] == digest


@pytest.mark.parametrize(
    "other",
    [
        ("two", "labpass:", "labpass:", NEW),
        ("one", "aks:", "labpass:", NEW),
        ("one", "labpass:", "lab:", NEW),
        ("one", "labpass:", "labpass:", OLD),
    ],
    ids=str,
)
def test_the_digest_is_of_everything_that_matters(
    other: tuple[str, str, str, tuple[int, int]],
) -> None:
    assert definition.digest(*other) != definition.digest("one", "labpass:", "labpass:", NEW)


def test_another_prefix_is_everywhere() -> None:
    made = definition.objects("one", "corp#", "teams#", NEW)
    text = "".join(map(written, made))
    assert 'startsWith("corp#")' in text
    assert 'startsWith("teams#")' in text
    assert "substring(5)" in text
    assert '"labpass:"' not in text
