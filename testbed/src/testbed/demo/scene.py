"""What the steps of the demo share: who sits where, and what they have learned so far."""

from dataclasses import dataclass, field
from pathlib import Path

from testbed import document
from testbed.demo.stage import Stage
from testbed.desk import Answer, Desk
from testbed.problems import Problem


class Unexpected(Problem):
    """A step did not come out as it should."""


@dataclass(slots=True, kw_only=True)
class Scene:
    """The players, their passwords, and the clusters; ``learned`` is what later steps need."""

    stage: Stage
    cluster: document.Cluster
    server: str
    ca: Path
    dana: Desk
    alice: Desk
    bob: Desk
    passwords: dict[str, str]
    learned: dict[str, str] = field(default_factory=dict)

    def type(self, desk: Desk, *command: str | Path, stdin: str = "", lines: int = 24) -> Answer:
        """Show a command, run it, show what it says as it says it; it must succeed."""
        return _well(self.may(desk, *command, stdin=stdin, lines=lines, together=True))

    def read(self, desk: Desk, *command: str | Path) -> Answer:
        """The same for a command whose data the next step reads: they stay apart from the words."""
        return _well(self.may(desk, *command))

    def may(
        self,
        desk: Desk,
        *command: str | Path,
        stdin: str = "",
        lines: int = 24,
        together: bool = False,
    ) -> Answer:
        """Show a command, run it, show its answer; it may fail."""
        found = desk.run(*command, stdin=stdin, together=together)
        self.stage.command(found.command)
        self.stage.answer(found.said, lines=lines)
        return found

    def refused(self, desk: Desk, *command: str | Path, by: str) -> Answer:
        """Run a command that has to be refused, in words that hold ``by``."""
        found = self.may(desk, *command)
        if not found.code:
            raise Unexpected(f"`{found.command}` was to be refused, and was not:\n{found.said}")
        if by not in " ".join(found.said.split()):
            raise Unexpected(f"`{found.command}` was refused, without {by!r}:\n{found.said}")
        return found


def _well(found: Answer) -> Answer:
    if found.code:
        raise Unexpected(f"`{found.command}` ended with {found.code}:\n{found.said}")
    return found


def expect(*, truth: bool, what: str, seen: str) -> None:
    """Raise `Unexpected` unless it is so."""
    if not truth:
        raise Unexpected(f"{what}; seen was:\n{seen}")
