import pytest

from labpass.commands import columns

TITLES = ("NAME", "STATUS", "IMAGE")
ROWS = (("train", "Running", "train:v3"), ("a-much-longer-name", "Failed (exit 1)", "x" * 60))


def _shown(capsys: pytest.CaptureFixture[str], *, width: int | None, headers: bool) -> list[str]:
    columns.show(
        TITLES, ROWS, width=width, shrinkable=frozenset({"NAME", "IMAGE"}), headers=headers
    )
    return capsys.readouterr().out.splitlines()


def test_in_a_pipe_nothing_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _shown(capsys, width=None, headers=True)
    assert lines[0] == "NAME                STATUS           IMAGE"
    assert lines[2].endswith("x" * 60)


def test_on_a_terminal_every_line_fits_and_says_where_it_was_cut(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = _shown(capsys, width=60, headers=True)
    assert max(map(len, lines)) == 60
    assert lines[2].endswith("…")
    assert "Failed (exit 1)" in lines[2]


def test_a_terminal_too_narrow_for_all_keeps_what_may_not_be_cut(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert "Failed (exit 1)" in _shown(capsys, width=10, headers=True)[2]


def test_without_headers_the_rows_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(_shown(capsys, width=None, headers=False)) == 2
