from pathlib import Path

import pytest

from labpass_server.app import folder
from labpass_server.model import errors


def test_a_second_server_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with (
        folder.held(lock),
        pytest.raises(errors.Conflict, match="another labpass-server"),
        folder.held(lock),
    ):
        pass


def test_the_next_server_may_have_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with folder.held(lock):
        pass
    with folder.held(lock):
        pass


def test_a_file_is_replaced_whole_and_private(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("old")
    path.chmod(0o644)
    folder.write_new(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / ".file.new").symlink_to(victim)
    folder.write_new(tmp_path / "file", b"secret")
    assert victim.read_text() == "precious"


def test_a_folder_is_its_owners_alone(tmp_path: Path) -> None:
    folder.make(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(errors.Invalid, match="cannot make"):
        folder.make(tmp_path / "file" / "b")
