"""What the commands print."""

import io
import json
from collections.abc import Mapping

import pytest

from labpass.commands import output
from labpass.commands.output import Column, Format

ITEMS: list[Mapping[str, object]] = [
    {"name": "vision", "cluster": "north"},
    {"name": "speech", "cluster": None},
]
COLUMNS = (
    Column(title="NAME", of="name"),
    Column(title="CLUSTER", of="cluster"),
    Column(title="LENGTH", of=lambda item: str(len(str(item["name"]))), is_wide=True),
)


def shown(capsys: pytest.CaptureFixture[str], form: Format) -> str:
    output.show_list(
        ITEMS,
        output=form,
        columns=COLUMNS,
        name=lambda item: f"project/{item['name']}",
        empty="no projects",
    )
    return capsys.readouterr().out


def test_a_table_off_a_terminal_is_aligned_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, Format.TABLE) == "NAME     CLUSTER\nvision   north\nspeech   -\n"


def test_wide_shows_every_column(capsys: pytest.CaptureFixture[str]) -> None:
    assert "LENGTH" in shown(capsys, Format.WIDE)


def test_json_is_a_list_like_kubectls(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(shown(capsys, Format.JSON)) == {"items": ITEMS}


def test_yaml_is_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, Format.YAML).startswith("items:\n- name: vision\n  cluster: north\n")


def test_names_are_lines_for_a_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, Format.NAME) == "project/vision\nproject/speech\n"


def test_an_empty_list_is_words_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    output.show_list([], output=Format.TABLE, columns=COLUMNS, name=str, empty="no projects")
    assert capsys.readouterr() == ("", "no projects\n")


def test_a_name_that_moves_the_cursor_is_shown_harmless() -> None:
    assert output.plain("a\x1b[2Jb\u202ec\n") == "a\ufffd[2Jb\ufffdc\ufffd"


def test_one_thing_is_labels_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [("Name", "vision"), ("Hidden", False), ("Clusters", ["north", "south"])]
    output.show_one(ITEMS[0], output=Format.TEXT, name="project/vision", lines=lines)
    printed = capsys.readouterr().out
    assert printed == "Name:     vision\nHidden:   no\nClusters: north, south\n"


def test_without_a_terminal_a_question_is_a_no(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert not output.confirm("Delete vision?", yes=False)
    assert "say --yes" in capsys.readouterr().err
    assert output.confirm("Delete vision?", yes=True)


def test_json_spells_out_what_a_terminal_would_obey(capsys: pytest.CaptureFixture[str]) -> None:
    document = {"name": "é\x9b31m\x7f\u202e\x1b[2J\U0001f600"}
    output.show_document(document, output=Format.JSON)
    shown = capsys.readouterr().out
    assert json.loads(shown) == document
    assert all(sign.isprintable() or sign == "\n" for sign in shown)


def test_words_from_a_cluster_cannot_move_the_cursor(capsys: pytest.CaptureFixture[str]) -> None:
    output.words("one\x1b[2J\n  two")
    assert capsys.readouterr().err == "one\N{REPLACEMENT CHARACTER}[2J\n  two\n"
