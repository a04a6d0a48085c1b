"""What a change of an API server is made of: files, objects, arguments, commands, words.

A distribution says which; `labpass.rollout` carries out those that it can reach from this machine
and shows the others, word for word, to whoever has to.
"""

import difflib
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFile:
    """A file with exactly this text. ``before`` is the text it must still have; `None`: no file."""

    path: str
    text: str
    before: str | None

    def diff(self) -> str:
        """Return the change as a unified diff; empty when there is none."""
        old = [] if self.before is None else self.before.splitlines(keepends=True)
        lines = difflib.unified_diff(
            old,
            self.text.splitlines(keepends=True),
            fromfile=self.path if self.before is not None else "/dev/null",
            tofile=self.path,
        )
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyObject:
    """A Kubernetes object, applied to the cluster or to the cluster that manages it."""

    manifest: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddArguments:
    """Arguments for the API server's command line; ``where`` is the distribution's word for it."""

    arguments: tuple[str, ...]
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCommand:
    """A program to run, by us or by a person, and what it is for."""

    command: tuple[str, ...]
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TellPerson:
    """Something only a person can do."""

    words: str


Step: TypeAlias = WriteFile | ApplyObject | AddArguments | RunCommand | TellPerson


def hash_of(text: str) -> str:
    """Return the hash of a file's bytes the way the API server's metrics name it."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def to_document(step: Step) -> dict[str, object]:
    """Return a step as plain values, with its kind."""
    match step:
        case WriteFile():
            return {
                "kind": "file",
                "path": step.path,
                "text": step.text,
                "hash": hash_of(step.text),
                "diff": step.diff(),
            }
        case ApplyObject():
            return {"kind": "object", "manifest": dict(step.manifest)}
        case AddArguments():
            return {"kind": "arguments", "arguments": list(step.arguments), "where": step.where}
        case RunCommand():
            return {"kind": "command", "command": list(step.command), "purpose": step.purpose}
        case TellPerson():
            return {"kind": "words", "words": step.words}


def lines(step: Step) -> Iterator[str]:
    """Yield a step as a person reads it."""
    match step:
        case WriteFile():
            yield from (step.diff() or f"{step.path}: stays as it is\n").splitlines()
        case ApplyObject():
            yield f"apply {step.manifest.get('kind')}"
        case AddArguments():
            yield f"{step.where}:"
            yield from (f"    {argument}" for argument in step.arguments)
        case RunCommand():
            yield f"$ {' '.join(step.command)}   # {step.purpose}"
        case TellPerson():
            yield step.words
