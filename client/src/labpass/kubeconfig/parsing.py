"""Reading a kubeconfig's YAML with limits, and writing it back.

What a stranger hands over may be empty, binary, huge, or small and endless (a few lines of aliases
that unfold to gigabytes). It is counted before anything is built from it. Aliases and tags are
refused: no program writes them into a kubeconfig.
"""

import io
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent, NodeEvent, ScalarEvent
from ruamel.yaml.reader import ReaderError

LARGEST: Final = 1 << 20
NODES: Final = 20_000
DEPTH: Final = 30
WIDE: Final = 1 << 20  # certificates stay on one line


class Unreadable(ValueError):
    """The text is no YAML of one reasonable document; the message says where and why."""


def parse(raw: bytes) -> Any:
    """Return the document, with comments and order kept for `render`. Raises `Unreadable`."""
    text = _text(raw)
    _count(text)
    try:
        found = _yaml().load(text)
    except DuplicateKeyError as e:
        raise Unreadable(f"a key stands twice{_where(e)}") from e
    except (YAMLError, ValueError, RecursionError) as e:
        raise Unreadable(f"it is no YAML{_where(e)}") from e
    if not isinstance(found, Mapping):
        raise Unreadable("it is YAML, but no kubeconfig")
    return found


def render(document: Mapping[str, Any]) -> bytes:
    """Return the text of a document, as kubectl lays it out."""
    stream = io.BytesIO()
    _yaml().dump(document, stream)
    return stream.getvalue()


def _text(raw: bytes) -> str:
    if not raw.strip():
        raise Unreadable("it is empty")
    if len(raw) > LARGEST:
        raise Unreadable(f"it is larger than {LARGEST >> 20} MiB")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise Unreadable("it is not text") from e
    if "\0" in text:
        raise Unreadable("it is not text")
    return text


def _count(text: str) -> None:
    """Walk the events, which cost no more than the text is long, before any value is built."""
    depth = nodes = documents = 0
    for event in _events(text):
        documents += isinstance(event, DocumentStartEvent)
        nodes += isinstance(event, NodeEvent)
        depth += _step(event)
        if isinstance(event, AliasEvent):
            raise Unreadable(f"it uses a YAML alias (*name){_at(event)}")
        if getattr(event, "tag", None) is not None and not _is_plain(event):
            raise Unreadable(f"it uses a YAML tag (!name){_at(event)}")
        if nodes > NODES or depth > DEPTH:
            raise Unreadable("it holds more than a kubeconfig ever does")
        if documents > 1:
            raise Unreadable("it holds more than one document")


def _events(text: str) -> Iterator[Any]:
    try:
        yield from _yaml().parse(text)
    except ReaderError as e:
        raise Unreadable("it is not text") from e
    except (YAMLError, ValueError, RecursionError) as e:
        raise Unreadable(f"it is no YAML{_where(e)}") from e


def _step(event: Any) -> int:
    """Return how an event changes the depth."""
    name = type(event).__name__
    if name in {"MappingStartEvent", "SequenceStartEvent"}:
        return 1
    return -1 if name in {"MappingEndEvent", "SequenceEndEvent"} else 0


def _is_plain(event: Any) -> bool:
    """True for a tag that the text does not spell out."""
    return isinstance(event, ScalarEvent) and event.implicit[0]


def _at(event: Any) -> str:
    return f" in line {event.start_mark.line + 1}"


def _where(error: Exception) -> str:
    """Return the line of a problem, without the library's words: they may quote a secret."""
    mark = getattr(error, "problem_mark", None)
    return f" in line {mark.line + 1}" if mark is not None else ""


def _yaml() -> YAML:
    made = YAML(typ="rt", pure=True)
    made.width = WIDE
    made.preserve_quotes = True
    made.indent(mapping=2, sequence=2, offset=0)
    return made
