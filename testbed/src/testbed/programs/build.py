"""Building programs from the Go module proxy, all or nothing, with the time it takes in sight."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from testbed import files
from testbed.problems import Problem
from testbed.programs import golang, sources
from testbed.version import Version

_OLDEST_GO = (26, 0)
_STAMPS = "built.json"
_WORKSHOP = ".building-"
_LINE_EVERY_SECONDS = 30.0
_LAST_LINES = 15


def build(names: Sequence[str], folder: Path, *, version: Version, cache: Path, of: int) -> None:
    """Build each program into ``folder``; a program is there whole, with its stamp, or not at all.

    ``of`` is how many programs there are, for the progress lines. Only under the lock of
    ``folder``.
    """
    go = golang.find(cache, least=_OLDEST_GO)
    for left in files.folder(folder).glob(f"{_WORKSHOP}*"):  # of a build that was killed
        shutil.rmtree(left, ignore_errors=True)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=folder, prefix=_WORKSHOP) as temporary:
        for number, name in enumerate(names, start=of - len(names) + 1):
            progress = _Progress(f"building {name} ({number} of {of})", begun)
            _build(name, Path(temporary), version=version, go=go, progress=progress)
            (Path(temporary) / name).rename(folder / name)
            _stamp(folder, name, version)
    golang.forget_work(cache)


def is_built(name: str, folder: Path, version: Version) -> bool:
    """Whether ``folder`` holds this program, built from the source that is wanted today."""
    return (folder / name).exists() and _stamps(folder).get(name) == str(sources.of(name, version))


def _build(
    name: str, temporary: Path, *, version: Version, go: golang.Go, progress: "_Progress"
) -> None:
    source = sources.of(name, version)
    progress.show()
    if sources.needs(source, go) > go.release:
        raise Problem(f"{source} needs a newer Go than {go.program}")
    module = temporary / f"{name}.module"
    sources.write_module(module, source, version, go)
    command = [str(go.program), "build", "-trimpath", "-o", str(temporary / name)]
    command += ["-ldflags", sources.linker_flags(source, version), source.package]
    log = temporary / f"{name}.log"
    with log.open("wb") as words:
        running = subprocess.Popen(
            command, cwd=module, env=go.environment, stdout=words, stderr=words
        )
        _wait(running, progress)
    if running.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
        raise Problem(f"building {source} failed:\n{tail}")


def _wait(running: subprocess.Popen[bytes], progress: "_Progress") -> None:
    try:
        while True:
            try:
                running.wait(timeout=1)
            except subprocess.TimeoutExpired:
                progress.show()
            else:
                return
    finally:
        if running.poll() is None:
            running.terminate()
            running.wait()
        progress.close()


def _stamps(folder: Path) -> dict[str, str]:
    path = folder / _STAMPS
    found: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


def _stamp(folder: Path, name: str, version: Version) -> None:
    stamps = _stamps(folder) | {name: str(sources.of(name, version))}
    files.write(folder / _STAMPS, json.dumps(stamps, indent=2, sort_keys=True), mode=0o644)


class _Progress:
    """One line on a terminal, renewed each second; elsewhere a line now and then."""

    def __init__(self, what: str, begun: float) -> None:
        self._what, self._begun = what, begun
        self._shown = float("-inf")
        self._is_terminal = sys.stderr.isatty()

    def show(self) -> None:
        now = time.monotonic()
        if not self._is_terminal and now - self._shown < _LINE_EVERY_SECONDS:
            return
        self._shown = now
        line = f"{self._what}, {spell(now - self._begun)} so far"
        ends = "" if self._is_terminal else "\n"
        begins = "\r\x1b[K" if self._is_terminal else ""
        print(f"{begins}{line}", end=ends, file=sys.stderr, flush=True)

    def close(self) -> None:
        if self._is_terminal:
            print(file=sys.stderr, flush=True)


def spell(seconds: float) -> str:
    """Say a duration: ``12 s``, ``1 min 12 s``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
