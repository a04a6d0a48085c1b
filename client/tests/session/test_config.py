from pathlib import Path

import pytest

from labpass.problems import NotSignedIn, Problem, UsageProblem
from labpass.session import config, folders
from labpass.session.config import Server
from labpass.session.folders import Folders

A = Server(url="https://a.example", ca_pem="PEM")
B = Server(url="https://b.example")


@pytest.fixture
def where(tmp_path: Path) -> Folders:
    return Folders(config=tmp_path, state=tmp_path)


def test_each_profile_has_its_server_and_each_server_its_ca(where: Folders) -> None:
    config.save(where, "default", A)
    config.save(where, "work", B)
    assert config.load(where, {}, "default") == A
    assert config.load(where, {}, "work") == B


def test_the_environment_wins_and_its_ca_is_known(where: Folders) -> None:
    config.save(where, "default", A)
    config.save(where, "default", B)
    assert config.load(where, {"LABPASS_SERVER": "https://a.example/"}, "default") == A
    assert config.load(where, {}, "default") == B


def test_no_server_says_what_to_do(where: Folders) -> None:
    with pytest.raises(NotSignedIn) as told:
        config.load(where, {}, "default")
    assert "labpass login --server" in told.value.hint


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 2}'])
def test_a_damaged_file_is_said_in_words(where: Folders, content: str) -> None:
    path = where.config / config.NAME
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(Problem, match=r"config\.json"):
        config.load(where, {}, "default")


@pytest.mark.parametrize(
    ("environment", "state"),
    [
        ({"HOME": "/h"}, "/h/.local/state/labpass"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/s"}, "/s/labpass"),
        ({"HOME": "/h", "XDG_STATE_HOME": "relative"}, "/h/.local/state/labpass"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/s", "LABPASS_HOME": "/l"}, "/l"),
    ],
)
def test_folders(environment: dict[str, str], state: str) -> None:
    assert folders.find(environment).state == Path(state)


def test_no_home_is_said_in_words() -> None:
    with pytest.raises(Problem, match="HOME is not set"):
        folders.find({})


def test_a_server_from_the_environment_takes_nobodys_place(where: Folders) -> None:
    config.save(where, "default", B, is_chosen=False)
    config.save(where, "default", A, is_chosen=False)
    assert config.load(where, {}, "default") == B
    assert config.known(where, A.url) == A


@pytest.mark.parametrize("url", ["http://a.example", "a.example", "https://", "https://a\x1b[2J"])
def test_what_is_no_https_address_is_never_spoken_to(where: Folders, url: str) -> None:
    with pytest.raises(UsageProblem):
        config.load(where, {"LABPASS_SERVER": url}, "default")


def test_a_file_of_another_shape_is_said_in_words(where: Folders) -> None:
    path = where.config / config.NAME
    path.write_text('{"version": 1, "profiles": []}')
    path.chmod(0o600)
    with pytest.raises(Problem, match="damaged"):
        config.load(where, {}, "default")
