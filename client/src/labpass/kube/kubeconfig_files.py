"""Which kubeconfig files to read, merged. The one reader of ``KUBECONFIG`` in this room."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from labpass import problems

LARGEST: Final = 4 * 1024 * 1024
"""Bytes; a kubeconfig of 1,000 clusters has about 3 MB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A named entry and the folder of its file, which its relative paths follow."""

    body: Mapping[str, Any]
    folder: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """All files as one: the first file wins for a whole named entry and the current context."""

    files: tuple[Path, ...]
    current_context: str
    contexts: Mapping[str, Found]
    clusters: Mapping[str, Found]
    users: Mapping[str, Found]


def paths(explicit: Path | None) -> tuple[Path, ...]:
    """Return the files to read: the one asked for, else those of ``KUBECONFIG``, else the usual."""
    if explicit is not None:
        return (explicit,)
    listed = os.environ.get("KUBECONFIG", "")  # noqa: TID251 -- the named reader of KUBECONFIG
    if any(listed.split(os.pathsep)):
        return tuple(Path(p) for p in listed.split(os.pathsep) if p)
    return (Path.home() / ".kube" / "config",)


def load(files: Sequence[Path], *, missing_ok: bool = True) -> Merged:
    """Read and merge ``files``; a missing one is skipped when ``missing_ok``.

    Raises `problems.Problem` for one that cannot be read or is no kubeconfig, and
    `problems.NotFound` when there is none at all.
    """
    read = [(path, _read(path)) for path in files if path.exists() or not missing_ok]
    if not read:
        shown = ", ".join(str(path) for path in files)
        raise problems.NotFound(f"no kubeconfig at {shown}", "name one with --kubeconfig FILE")
    current = (str(body.get("current-context") or "") for _, body in read)
    return Merged(
        files=tuple(path for path, _ in read),
        current_context=next((name for name in current if name), ""),
        contexts=_named(read, "contexts", "context"),
        clusters=_named(read, "clusters", "cluster"),
        users=_named(read, "users", "user"),
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > LARGEST:
            raise problems.Problem(f"{path} is too large for a kubeconfig")
        body = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise problems.NotFound(f"cannot read {path}: {e.strerror}") from e
    except (YAMLError, UnicodeDecodeError, ValueError, RecursionError) as e:
        first = str(e).splitlines()[0] if str(e) else type(e).__name__
        raise problems.Problem(f"{path} is not a kubeconfig: {first}") from e
    if not isinstance(body, dict):
        raise problems.Problem(f"{path} is not a kubeconfig: it holds no mapping")
    return body


def _named(
    read: Sequence[tuple[Path, Mapping[str, Any]]], many: str, one: str
) -> Mapping[str, Found]:
    found: dict[str, Found] = {}
    for path, body in read:
        for item in body.get(many) or ():
            if not isinstance(item, dict) or not isinstance(item.get(one) or {}, dict):
                raise problems.Problem(f"{path} is not a kubeconfig: a broken entry in {many}")
            entry = Found(body=item.get(one) or {}, folder=path.absolute().parent)
            found.setdefault(str(item.get("name") or ""), entry)
    return found
