"""One person's desk: a home of their own, where they type commands."""

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from testbed import files
from testbed.problems import Problem

_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command said."""

    command: str
    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything: words first, data after them, unless both came as one stream."""
        return "\n".join(part.rstrip() for part in (self.err, self.out) if part.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Where one person sits: nothing of anybody else's home or environment reaches it."""

    home: Path
    programs: tuple[Path, ...]

    @property
    def kubeconfig(self) -> Path:
        """The file their kubectl reads."""
        return self.home / ".kube" / "config"

    @property
    def environment(self) -> Mapping[str, str]:
        """What their programs see."""
        found = (*self.programs, Path(sys.executable).parent)
        return {
            "PATH": os.pathsep.join([*map(str, found), os.defpath]),
            "HOME": str(self.home),
            "LABPASS_HOME": str(self.home / "labpass"),
            "KUBECONFIG": str(self.kubeconfig),
            "LANG": "C.UTF-8",
            "TERM": "dumb",
        }

    def sit(self) -> "Desk":
        """Make the folders, and return the desk."""
        files.folder(self.home)
        files.folder(self.kubeconfig.parent)
        return self

    def run(self, *command: str | Path, stdin: str = "", together: bool = False) -> Answer:
        """Run a command without a terminal; raises `Problem` when it does not end in time.

        With ``together`` words and data come as one stream, in the order they were said.
        """
        line = shlex.join(map(str, command))
        try:
            found = subprocess.run(
                list(map(str, command)),
                input=stdin,
                env=dict(self.environment),
                cwd=self.home,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT if together else subprocess.PIPE,
                text=True,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise Problem(f"`{line}` did not end within {_TIMEOUT_SECONDS:.0f} s") from late
        return Answer(command=line, code=found.returncode, out=found.stdout, err=found.stderr or "")

    def ask(self, *command: str | Path, stdin: str = "") -> Answer:
        """Run a command that must succeed; raises `Problem` with its words when it does not."""
        found = self.run(*command, stdin=stdin)
        if found.code:
            raise Problem(f"`{found.command}` ended with {found.code}:\n{found.said}")
        return found
