"""What the plugin may import and start, counted; and that it agrees with the room it reads from."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

import labpass_credential
from labpass.session import credentials, folders

KEY = "0" * 64
SOURCES = Path(labpass_credential.__file__).parents[1]
FRONT = SOURCES.parent / "scripts" / "labpass-credential"
IMPORTS = {
    "_collections_abc",
    "_stat",
    "genericpath",
    "labpass_credential",
    "os",
    "os.path",
    "posixpath",
    "stat",
}
BUILTINS = {"[", "case", "exit", "printf", "read", "return", "print_what_lies_ready"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with one document that lies ready."""
    folder = tmp_path / ".local/state/labpass/cred"
    folder.mkdir(mode=0o700, parents=True)
    path = folder / f"{KEY}.v1.cred"
    path.write_text(f'{int(time.time()) + 800}\n{{"kind":"ExecCredential"}}\n')
    path.chmod(0o600)
    return tmp_path


def test_python_imports_nothing_beyond_the_list() -> None:
    script = (
        "import sys; before = set(sys.modules); sys.path.insert(0, sys.argv[1])\n"
        "import labpass_credential\n"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, SOURCES],
        capture_output=True,
        text=True,
        check=True,
    )
    assert set(done.stdout.split()) <= IMPORTS


def test_the_shell_needs_no_path_and_starts_one_program(home: Path) -> None:
    """Traced by the shell itself: every line is a builtin, an assignment, or date."""
    trace = home / "trace"
    text = FRONT.read_text().replace("2>/dev/null\n", f"2>>{trace}\n", 1)
    traced = home / "labpass-credential"
    traced.write_text(text)
    subprocess.run(
        ["/bin/sh", "-x", traced, "v1", KEY, "https://i", "a", "p"],
        env={"HOME": str(home), "PATH": "/nowhere"},
        stdout=subprocess.DEVNULL,
        check=True,
    )
    lines = [line.lstrip("+ ") for line in trace.read_text().splitlines() if line.startswith("+")]
    started = [re.sub(r"^(\w*=\S* ?)+", "", line).split(" ")[0] for line in lines]
    assert [name for name in started if name and name not in BUILTINS] == ["date"]


def test_there_is_no_way_around_the_default_folder(home: Path) -> None:
    for name in ("LABPASS_HOME", "XDG_STATE_HOME"):
        done = subprocess.run(
            ["/bin/sh", FRONT, "v1", KEY, "https://i", "a", "p"],
            env={"HOME": str(home), name: str(home / ".local/state")},
            capture_output=True,
            check=False,
        )
        assert b"ExecCredential" not in done.stdout  # Python is not beside the script here


def test_margins_and_folders_agree_with_the_session_room(monkeypatch: pytest.MonkeyPatch) -> None:
    assert credentials.MARGIN.total_seconds() == labpass_credential.MARGIN
    assert credentials.LONGEST.total_seconds() == labpass_credential.LONGEST
    text = FRONT.read_text()
    assert f'"$left" -ge {labpass_credential.MARGIN}' in text
    assert f'"$left" -le {labpass_credential.LONGEST}' in text
    for environment in ({"LABPASS_HOME": "/l"}, {"XDG_STATE_HOME": "/s"}, {}):
        for name in ("LABPASS_HOME", "XDG_STATE_HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert labpass_credential._folder() == str(folders.find(dict(os.environ)).state)


NOW = 1_800_000_000


@pytest.mark.parametrize(
    ("content", "mode", "printed"),
    [
        (f"{NOW + 360}\n{{}}\n", 0o600, b"{}\n"),
        (f"{NOW + 359}\n{{}}\n", 0o600, None),
        (f"{NOW + 3600}\n{{}}\n", 0o600, b"{}\n"),
        (f"{NOW + 3601}\n{{}}\n", 0o600, None),
        (f"{NOW + 400}\n{{}}", 0o600, None),
        (f"{NOW + 400}\n", 0o600, None),
        (f"-{NOW}\n{{}}\n", 0o600, None),
        ("soon\n{}\n", 0o600, None),
        ("", 0o600, None),
        (f"{NOW + 400}\n{{}}\n", 0o640, None),
        (f"{NOW + 400}\n{{}}\n", 0o604, None),
    ],
)
def test_only_a_private_and_fresh_document_is_printed(
    tmp_path: Path, content: str, mode: int, printed: bytes | None
) -> None:
    (tmp_path / "cred").mkdir()
    path = tmp_path / "cred" / f"{KEY}.v1.cred"
    path.write_text(content)
    path.chmod(mode)
    assert labpass_credential.cached(str(tmp_path), KEY, "v1", NOW) == printed


def test_no_link_no_folder_no_file_is_no_document(tmp_path: Path) -> None:
    assert labpass_credential.cached(str(tmp_path), KEY, "v1", NOW) is None
    (tmp_path / "cred").mkdir()
    (tmp_path / "planted").write_text(f"{NOW + 400}\n{{}}\n")
    (tmp_path / "planted").chmod(0o600)
    (tmp_path / "cred" / f"{KEY}.v1.cred").symlink_to(tmp_path / "planted")
    assert labpass_credential.cached(str(tmp_path), KEY, "v1", NOW) is None
    (tmp_path / "cred" / f"{KEY}.v1beta1.cred").mkdir()
    assert labpass_credential.cached(str(tmp_path), KEY, "v1beta1", NOW) is None
