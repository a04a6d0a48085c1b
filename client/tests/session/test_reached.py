from pathlib import Path

import pytest

from labpass.session import reached
from labpass.session.folders import Folders

LAB = {"server": "https://lab.example", "ca": None, "audience": "labpass-lab-1"}


@pytest.fixture
def where(tmp_path: Path) -> Folders:
    return Folders(config=tmp_path, state=tmp_path)


def known(where: Folders, profile: str = "default") -> object:
    return reached.load(where, issuer="https://a.example", profile=profile)


def test_what_was_reached_is_remembered_for_one_sign_in(where: Folders) -> None:
    reached.note(where, {"lab": LAB}, issuer="https://a.example", profile="default")
    reached.note(where, {}, issuer="https://a.example", profile="default")
    reached.note(where, {"other": LAB}, issuer="https://a.example", profile="default")
    assert known(where) == {"lab": LAB, "other": LAB}
    assert known(where, "work") == {}
    reached.forget(where, issuer="https://a.example", profile="default")
    assert known(where) == {}


@pytest.mark.parametrize("content", ["{", "[]", '{"lab": 7}'])
def test_what_is_damaged_names_nothing(where: Folders, content: str) -> None:
    reached.note(where, {"lab": LAB}, issuer="https://a.example", profile="default")
    (path,) = where.sessions.iterdir()
    path.write_text(content)
    assert known(where) == {}


def test_what_others_could_have_written_is_not_used(where: Folders) -> None:
    reached.note(where, {"lab": LAB}, issuer="https://a.example", profile="default")
    (path,) = where.sessions.iterdir()
    path.chmod(0o644)
    assert known(where) == {}
