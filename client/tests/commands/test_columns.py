import pytest

from labpass.commands import columns

TITLES = ("NAME", "STATUS", "AGE", "PROJECT", "IMAGE")
ROWS = (
    ("train", "Running", "3m", "vision", "train:v3"),
    ("a-much-longer-name", "Pending", "10m", "vision", "x" * 60),
)
NOTES = ("", "no node has room for " + "y" * 90)


def _fitted(capsys: pytest.CaptureFixture[str], width: int) -> list[str]:
    columns.show_fitted(TITLES, ROWS, notes=NOTES, width=width, headers=True)
    return capsys.readouterr().out.splitlines()


def test_in_a_pipe_nothing_is_cut_and_a_row_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    columns.show(TITLES, ROWS, headers=True)
    head, first, second = capsys.readouterr().out.splitlines()
    assert head == "NAME                STATUS   AGE  PROJECT  IMAGE"
    assert first == "train               Running  3m   vision   train:v3"
    assert second.endswith("x" * 60)


def test_without_headers_the_rows_alone(capsys: pytest.CaptureFixture[str]) -> None:
    columns.show(TITLES, ROWS, headers=False)
    columns.show_fitted(TITLES, ROWS, notes=("", ""), width=200, headers=False)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["train", "a-much-longer-name"] * 2


def test_on_a_terminal_the_last_column_gives_way_and_a_note_stands_beneath(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = _fitted(capsys, 60)
    assert max(map(len, lines)) <= 60
    assert lines[0].split()[-1] == "PROJECT"
    assert lines[3].startswith("  no node has room")
    assert lines[3].endswith("…")


def test_where_there_is_room_everything_stays(capsys: pytest.CaptureFixture[str]) -> None:
    assert _fitted(capsys, 200)[0].split()[-1] == "IMAGE"


def test_a_name_is_never_cut_however_narrow(capsys: pytest.CaptureFixture[str]) -> None:
    assert "a-much-longer-name" in _fitted(capsys, 10)[2]
