"""One file: read with suspicion, kept, replaced at once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from labpass.problems import Conflict, Problem
from labpass.rollout import trust_file

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "watched" / "authentication.yaml"
    path.parent.mkdir()
    path.write_bytes(b"jwt: []\n")
    path.chmod(0o640)
    return path


def test_a_file_is_read_as_bytes_text_and_document(file: Path) -> None:
    present = trust_file.read(file)
    assert present is not None
    assert (present.raw, present.text, present.document) == (b"jwt: []\n", "jwt: []\n", {"jwt": []})


def test_no_file_is_nothing(tmp_path: Path) -> None:
    assert trust_file.read(tmp_path / "none.yaml") is None


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\n" + "".join(f"c{n}: [*b, *b]\n" for n in range(99))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"- a\n",
        b"a: b: c\n",
        b"a: 1\na: 2\n",
        b"\xff\xfe",
        b"\x00",
        BOMB.encode(),
        b"x" * (1 << 21),
    ],
    ids=["empty", "a list", "no YAML", "a key twice", "no text", "a NUL", "a bomb", "huge"],
)
def test_what_cannot_be_understood_is_refused_in_words(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with pytest.raises(Problem, match="authentication"):
        trust_file.read(file)


def test_a_folder_in_its_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="Cannot read"):
        trust_file.read(tmp_path)


def test_replacing_keeps_the_mode_and_leaves_nothing_beside(file: Path) -> None:
    trust_file.replace(file, b"new\n", expected=b"jwt: []\n")
    assert file.read_bytes() == b"new\n"
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(file.parent.iterdir()) == [file]


def test_what_somebody_changed_meanwhile_is_left_alone(file: Path) -> None:
    file.write_bytes(b"theirs\n")
    with pytest.raises(Conflict, match="somebody else"):
        trust_file.replace(file, b"new\n", expected=b"jwt: []\n")
    assert file.read_bytes() == b"theirs\n"
    assert list(file.parent.iterdir()) == [file]


def test_a_link_stays_a_link(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    trust_file.replace(link, b"new\n", expected=b"jwt: []\n")
    assert link.is_symlink()
    assert file.read_bytes() == b"new\n"


def test_a_folder_that_is_gone_is_said(tmp_path: Path) -> None:
    with pytest.raises(Problem, match="Cannot write"):
        trust_file.replace(tmp_path / "gone" / "a", b"", expected=b"")


def test_a_backup_is_private_and_exact(file: Path, tmp_path: Path) -> None:
    present = trust_file.read(file)
    assert present is not None
    kept = trust_file.back_up(present, file, tmp_path / "backups", NOW)
    assert kept.read_bytes() == present.raw
    assert kept.stat().st_mode & 0o777 == 0o600
    assert kept.parent.name.startswith("20261123T180000Z-")
    assert trust_file.back_up(present, file, tmp_path / "backups", NOW) != kept


@pytest.mark.parametrize("inside", [".", "backups"])
def test_a_backup_inside_a_watched_folder_is_refused(file: Path, inside: str) -> None:
    present = trust_file.read(file)
    assert present is not None
    with pytest.raises(Problem, match="watched"):
        trust_file.back_up(present, file, file.parent / inside, NOW)


def test_a_backup_that_cannot_be_kept_is_said(file: Path, tmp_path: Path) -> None:
    present = trust_file.read(file)
    assert present is not None
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(Problem, match="Cannot keep a backup"):
        trust_file.back_up(present, file, tmp_path / "taken", NOW)
