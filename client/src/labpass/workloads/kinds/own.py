"""A manifest that a person wrote: checked against the allow-list, and given their name."""

import math
from collections.abc import Mapping, Sequence
from typing import Final, cast

from labpass.workloads.kinds import allowed, names
from labpass.workloads.kinds.document import Json, Object, find, items, mapping, text
from labpass.workloads.kinds.invalid import InvalidWorkload
from labpass.workloads.kinds.job import SUBMITTED_BY

MOST_VALUES: Final = 50_000
"""A manifest of 1.5 MiB, all that etcd takes, holds fewer; aliases in YAML can spell billions."""
DEEPEST: Final = 64


def unfold(document: object) -> list[Object]:
    """Return the objects of one document: itself, or the items of a ``List``.

    Refuses what is not JSON (a date, a key that is no text), and documents grown by aliases.
    """
    plain = _Reader().read(document, "document", 0)
    if not isinstance(plain, Mapping):
        raise InvalidWorkload("document", "is no Kubernetes object")
    if text(plain, "kind") != "List":
        return [plain]
    found = [one for one in items(plain, "items") if isinstance(one, Mapping)]
    if len(found) != len(items(plain, "items")):
        raise InvalidWorkload("items", "holds something that is no Kubernetes object")
    return found


def prepare(document: Object, *, namespace: str, submitter: str) -> dict[str, Json]:
    """Return the manifest to send: allowed, in ``namespace``, with the submitter's label.

    A label that is already there is left as it stands: whether somebody may claim to be another is
    for the API server to say.
    """
    kind = get_kind(document)
    _check_name(document, kind)
    _check_namespace(document, namespace)
    metadata = {**mapping(document, "metadata"), "namespace": namespace}
    manifest: dict[str, Json] = {**document, "metadata": metadata}
    if not (kind.makes_pods and submitter):
        return manifest
    for path in ((), *kind.templates):
        manifest = _with_label(manifest, path, submitter)
    return manifest


def get_kind(document: Object) -> allowed.Kind:
    """Return the kind of ``document``; raises where nobody may submit such a thing."""
    version, name = text(document, "apiVersion"), text(document, "kind")
    if not version or not name:
        raise InvalidWorkload("document", "has no apiVersion and kind")
    kind = allowed.find(version, name)
    if kind is None:
        raise InvalidWorkload(
            "kind", f"{name} ({version}) cannot be submitted; {allowed.spelled()} can"
        )
    return kind


def _check_name(document: Object, kind: allowed.Kind) -> None:
    name, prefix = text(document, "metadata", "name"), text(document, "metadata", "generateName")
    if name:
        check = names.check_label if kind is allowed.JOB else names.check_subdomain
        check("metadata.name", name)
    elif not prefix:
        raise InvalidWorkload("metadata.name", "is missing")


def _check_namespace(document: Object, namespace: str) -> None:
    said = find(document, "metadata", "namespace")
    if said not in {None, "", namespace}:
        raise InvalidWorkload(
            "metadata.namespace", f"says {said!r}, the project's is {namespace!r}; leave it out"
        )


def _with_label(
    document: Object, path: tuple[str, ...], submitter: str, above: str = ""
) -> dict[str, Json]:
    if path:
        first, *rest = path
        inner, here = mapping(document, first), f"{above}{first}"
        if not inner:
            raise InvalidWorkload(here, "is missing")
        return {**document, first: _with_label(inner, tuple(rest), submitter, f"{here}.")}
    metadata = mapping(document, "metadata")
    labels = {SUBMITTED_BY: submitter, **mapping(metadata, "labels")}
    return {**document, "metadata": {**metadata, "labels": labels}}


class _Reader:
    """Copies a parsed document into plain JSON, within bounds."""

    def __init__(self) -> None:
        self._values = 0

    def read(self, value: object, field: str, depth: int) -> Json:
        self._values += 1
        if self._values > MOST_VALUES or depth > DEEPEST:
            raise InvalidWorkload(field, "the document is too large")
        match value:
            case None | bool() | int() | str():
                return value
            case float() if math.isfinite(value):
                return value
            case Mapping():
                return {
                    self._key(key, field): self.read(inner, f"{field}.{key}", depth + 1)
                    for key, inner in cast("Mapping[object, object]", value).items()
                }
            case Sequence() if not isinstance(value, bytes | bytearray):
                return [self.read(inner, f"{field}[]", depth + 1) for inner in value]
            case _:
                raise InvalidWorkload(field, f"{type(value).__name__} is no JSON; put it in quotes")

    @staticmethod
    def _key(key: object, field: str) -> str:
        if isinstance(key, str):
            return key
        raise InvalidWorkload(field, f"the key {key!r} is no text; put it in quotes")
