"""A Kubernetes object as plain data, and how to ask it who it is."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "Mapping[str, Json] | Sequence[Json] | str | int | bool | None"
Manifest: TypeAlias = Mapping[str, Json]
"""``apiVersion``, ``kind``, ``metadata`` and the rest, ready to be sent as JSON."""


def kind(manifest: Manifest) -> str:
    """Return its kind."""
    return str(manifest["kind"])


def name(manifest: Manifest) -> str:
    """Return its name."""
    return str(_metadata(manifest)["name"])


def namespace(manifest: Manifest) -> str:
    """Return its namespace; empty for what stands in none."""
    return str(_metadata(manifest).get("namespace", ""))


def title(manifest: Manifest) -> str:
    """Name it for people: ``Role labpass-system/labpass-reconciler``."""
    place = f"{namespace(manifest)}/" if namespace(manifest) else ""
    return f"{kind(manifest)} {place}{name(manifest)}"


def annotated(manifest: Manifest, annotations: Mapping[str, str]) -> Manifest:
    """Return a copy that carries ``annotations`` too."""
    metadata = _metadata(manifest)
    before = metadata.get("annotations", {})
    assert isinstance(before, Mapping)
    return {**manifest, "metadata": {**metadata, "annotations": {**before, **annotations}}}


def _metadata(manifest: Manifest) -> Mapping[str, Json]:
    metadata = manifest["metadata"]
    assert isinstance(metadata, Mapping)
    return metadata
