"""What people install: the two wheels, each in an environment of its own."""

import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from testbed import authority
from testbed.desk import Desk
from testbed.processes import Processes

pytestmark = [pytest.mark.testbed, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")


def build(name: str, folder: Path) -> Path:
    """Build by way of the source distribution, so that it is whole too."""
    into = folder / name
    command = [str(UV), "build", "-q", "--python", sys.executable, "--no-build-isolation"]
    done = subprocess.run(
        [*command, "-o", into, ROOT / name], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert len(list(into.glob("*.tar.gz"))) == 1
    (wheel,) = into.glob("*.whl")
    return wheel


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("wheels")
    return {name: build(name, folder) for name in ("client", "server")}


def install(folder: Path, *wheels: Path) -> Path:
    """Install as a person does, in the versions that the house was tested with."""
    venv = folder / "venv"
    subprocess.run([UV, "venv", "-q", "--python", sys.executable, venv], check=True)
    into = ("--python", venv / "bin" / "python", "--constraint", ROOT / "requirements.lock")
    # As pip does by itself; else the first start does it, which takes long on a busy machine.
    compiled = "--compile-bytecode"
    done = subprocess.run(
        [UV, "pip", "install", "-q", compiled, *into, *wheels],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return venv / "bin"


@pytest.fixture(scope="session")
def client(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("client"), wheels["client"])


@pytest.fixture(scope="session")
def server(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install(tmp_path_factory.mktemp("server"), wheels["client"], wheels["server"])


def test_the_command_line_answers(client: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [client / "labpass", "--help"],
        env={"HOME": str(tmp_path), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "login" in done.stdout
    assert done.stderr == ""


def test_the_client_alone_holds_nothing_of_the_server(client: Path) -> None:
    packages = {path.name for path in client.parent.glob("lib/python*/site-packages/*")}
    assert "labpass" in packages
    assert not {"labpass_server", "testbed", "sqlalchemy", "starlette"} & packages


def test_the_plugin_is_a_program_that_starts_with_sh(client: Path, tmp_path: Path) -> None:
    plugin = client / "labpass-credential"
    assert plugin.stat().st_mode & stat.S_IXUSR
    assert plugin.read_bytes().startswith(b"#!/bin/sh")
    done = subprocess.run(
        [plugin, "v1", "0" * 64, "https://labpass.invalid", "labpass-x-00000000", "default"],
        env={"HOME": str(tmp_path), "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert done.stdout == ""
    assert "labpass login" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("which", "held"),
    [
        ("server", ("templates/sign_in.html", "static/app.css", "versions/0001_identity.py")),
        ("client", ("labpass/py.typed", "labpass_credential/")),
    ],
)
def test_what_is_no_code_is_inside(
    wheels: dict[str, Path], which: str, held: tuple[str, ...]
) -> None:
    with zipfile.ZipFile(wheels[which]) as wheel:
        names = wheel.namelist()
    for each in held:
        assert any(each in name for name in names), each
    assert not [name for name in names if "tests/" in name or "__pycache__" in name]


@pytest.fixture
def running(server: Path, tmp_path: Path) -> Iterator[authority.Authority]:
    """Start the installed server on an empty folder, far from the sources."""
    state = tmp_path / "state"
    state.mkdir()
    processes = Processes(state)
    processes.open()
    environment = {"HOME": str(tmp_path), "PATH": f"{server}{os.pathsep}{os.defpath}"}
    try:
        yield authority.start(state / "labpass", processes=processes, environment=environment)
    finally:
        processes.close()


def test_the_server_starts_and_signs_somebody_in(
    running: authority.Authority, server: Path, client: Path, tmp_path: Path
) -> None:
    desk = Desk(home=tmp_path / "dana", programs=(client, server)).sit()
    environment = {**desk.environment, "PATH": f"{client}{os.pathsep}{server}{os.pathsep}/bin"}
    assert shutil.which("labpass", path=environment["PATH"]) == str(client / "labpass")
    authority.create_administrator(running, desk, handle="dana", password="correct horse battery")
    login = ("labpass", "login", "--server", running.server, "-u", "dana", "--password-stdin")
    desk.ask(*login, stdin="correct horse battery\n")
    assert "dana" in desk.ask("labpass", "whoami").out
    assert desk.ask("labpass", "cluster", "list").code == 0
