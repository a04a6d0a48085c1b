"""The client stands alone: one shared virtual environment would hide what it forgot to declare."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
IMPORT_EVERYTHING = """
import importlib, pkgutil, labpass, labpass_credential
for package in (labpass, labpass_credential):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that holds the client, what it declares, and nothing else."""
    place = tmp_path_factory.mktemp("alone") / "venv"
    uv = Path(sys.executable).with_name("uv")
    environment = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    subprocess.run([uv, "venv", "--quiet", place], check=True, env=environment)
    into = ["--python", str(place / "bin/python"), "--constraint", str(ROOT / "requirements.lock")]
    command = [str(uv), "pip", "install", "--quiet", *into, str(ROOT / "client")]
    subprocess.run(command, check=True, env=environment)
    return place


@pytest.mark.slow
def test_every_module_of_the_client_imports_where_only_the_client_is_installed(
    alone: Path,
) -> None:
    subprocess.run([alone / "bin/python", "-I", "-c", IMPORT_EVERYTHING], check=True)


@pytest.mark.slow
def test_the_command_line_and_the_plugin_are_installed_by_the_client_alone(alone: Path) -> None:
    answer = subprocess.run(
        [alone / "bin/labpass", "--help"], check=True, capture_output=True, text=True
    )
    assert "login" in answer.stdout
    assert os.access(alone / "bin/labpass-credential", os.X_OK)
