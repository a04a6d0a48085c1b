"""Creating what a person submits, with their own token."""

from collections.abc import Mapping, Sequence
from typing import Any

from labpass import problems
from labpass.kube.client import Client
from labpass.workloads.kinds import job, own
from labpass.workloads.kinds.document import Object

Wish = job.Job | Object
"""What a person asks for: a job of one line, or an object from a file of their own."""


def check(wish: Wish) -> None:
    """Raise `InvalidWorkload` for what no API server has to be asked about."""
    if not isinstance(wish, job.Job):
        own.get_kind(wish)


def render(wish: Wish, *, namespace: str, submitter: str) -> Mapping[str, Any]:
    """Return the manifest to send, with the submitter's label on all that makes pods."""
    if isinstance(wish, job.Job):
        return job.render(wish, namespace=namespace, submitter=submitter)
    return own.prepare(wish, namespace=namespace, submitter=submitter)


def submit(
    api: Client, manifests: Sequence[Mapping[str, Any]], *, namespace: str, dry_run: bool = False
) -> list[Mapping[str, Any]]:
    """Create ``manifests`` in order and return them as the API server stored them.

    More than one is first sent as a dry run, all of them: nothing is made of a file of which the
    API server would refuse a part. ``dry_run`` stops there. Raises what the API server said.
    """
    if dry_run or len(manifests) > 1:
        tried = [_create(api, one, namespace, dry_run=True) for one in manifests]
        if dry_run:
            return tried
    return [_create(api, one, namespace, dry_run=False) for one in manifests]


def _create(
    api: Client, manifest: Mapping[str, Any], namespace: str, *, dry_run: bool
) -> Mapping[str, Any]:
    kind = own.get_kind(manifest)
    params = {"fieldManager": api.field_manager, "fieldValidation": "Strict"}
    if dry_run:
        params["dryRun"] = "All"
    try:
        return api.request("POST", kind.collection(namespace), body=manifest, params=params)
    except problems.Conflict as e:
        name = manifest["metadata"].get("name", "")
        hint = f"choose another name, or: labpass delete {name}"
        raise problems.Conflict(e.message, hint=hint) from e.__cause__
