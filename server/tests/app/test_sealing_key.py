from pathlib import Path

import pytest

from labpass_server.app import sealing_key
from labpass_server.model import errors


def test_a_new_key_is_its_owners_alone_from_the_first_byte(tmp_path: Path) -> None:
    path = tmp_path / "data-key" / "key"
    key = sealing_key.make(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert sealing_key.load(path) == key


def test_no_file_is_no_key(tmp_path: Path) -> None:
    assert sealing_key.load(tmp_path / "key") is None


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o640, 0o660, 0o601, 0o602])
def test_a_key_others_can_read_or_replace_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "folder" / "key"
    sealing_key.make(path)
    path.chmod(mode)
    with pytest.raises(errors.Invalid, match="chmod 600"):
        sealing_key.load(path)


@pytest.mark.parametrize("content", [b"", b"short", b"\xff" * 44, b"A" * 44])
def test_anything_else_in_the_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(errors.Invalid, match=r"sealing-key"):
        sealing_key.load(path)
