"""Reading a person's own YAML or JSON; the one place of this room that opens files."""

import sys
from pathlib import Path
from typing import Final

import ruamel.yaml
from ruamel.yaml.error import YAMLError

from labpass import problems
from labpass.workloads.kinds import own
from labpass.workloads.kinds.document import Object
from labpass.workloads.kinds.invalid import InvalidWorkload

LARGEST: Final = 3 * 1024 * 1024
"""Bytes; the API server takes no larger request."""


def load(source: str) -> list[Object]:
    """Return every object of the file ``source``, or of stdin for ``-``, in order.

    Raises `problems.UsageProblem` in words that name the file and, where known, the line.
    """
    found: list[Object] = []
    for number, document in enumerate(_parse(source, _read(source)), start=1):
        if document is None:
            continue
        try:
            found += own.unfold(document)
        except InvalidWorkload as e:
            raise problems.UsageProblem(f"{source}, document {number}: {e}") from e
    if not found:
        raise problems.UsageProblem(f"{source} holds no Kubernetes object.")
    return found


def _read(source: str) -> str:
    try:
        if source == "-":
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(source).open("rb") as file:
                raw = file.read(LARGEST + 1)
    except OSError as e:
        raise problems.UsageProblem(f"Cannot read {source}: {e.strerror}.") from e
    if len(raw) > LARGEST:
        raise problems.UsageProblem(f"{source} is larger than an API server takes (3 MiB).")
    try:
        return raw.decode()
    except UnicodeDecodeError as e:
        raise problems.UsageProblem(f"{source} is no text in UTF-8.") from e


def _parse(source: str, written: str) -> list[object]:
    reader = ruamel.yaml.YAML(typ="safe", pure=True)
    try:
        return list(reader.load_all(written))
    except (YAMLError, ValueError, RecursionError) as e:
        raise problems.UsageProblem(f"{source} is no YAML: {_first_words(e)}") from e


def _first_words(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    where = f"line {mark.line + 1}: " if mark is not None else ""
    said = getattr(error, "problem", None) or "it cannot be read"
    return f"{where}{said}"
