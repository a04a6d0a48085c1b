import io
from pathlib import Path

import pytest

from labpass import problems
from labpass.workloads import files

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n"


def _load(tmp_path: Path, written: str | bytes) -> list[object]:
    path = tmp_path / "job.yaml"
    path.write_bytes(written if isinstance(written, bytes) else written.encode())
    return list(files.load(str(path)))


def test_every_document_in_its_order(tmp_path: Path) -> None:
    found = _load(tmp_path, f"---\n{POD}---\n---\n{POD.replace('p}', 'q}')}")
    assert [one["metadata"]["name"] for one in found] == ["p", "q"]  # type: ignore[index]  # parsed


def test_json_is_yaml(tmp_path: Path) -> None:
    assert _load(tmp_path, '{"apiVersion": "v1", "kind": "Pod"}')


def test_a_dash_is_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(POD.encode())))
    assert len(files.load("-")) == 1


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [*{old},*{old},*{old},*{old},*{old},*{old},*{old},*{old},*{old}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("", "holds no Kubernetes object"),
        ("---\n---\n", "holds no Kubernetes object"),
        ("a: [", "no YAML: line"),
        ("a: 1\na: 2\n", "no YAML: line 2"),
        ("kind: !!python/object/apply:os.system [id]\n", "no YAML"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        (b"\x00\x01", "no YAML"),
        ("just words", "document 1: document: is no Kubernetes object"),
        ("when: 2026-01-01\n", "put it in quotes"),
        (LAUGHS, "too large"),
        ("#" * (files.LARGEST + 1), "larger than an API server takes"),
        ("[" * 5000, "no YAML"),
    ],
)
def test_a_file_that_cannot_be_submitted_says_why(
    tmp_path: Path, written: str | bytes, words: str
) -> None:
    with pytest.raises(problems.UsageProblem, match=words):
        _load(tmp_path, written)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(problems.UsageProblem, match=r"Cannot read /nowhere/x\.yaml: No such file"):
        files.load("/nowhere/x.yaml")
