"""Deleting a workload, its pods with it."""

from labpass import problems
from labpass.kube.client import Client
from labpass.workloads import find


def delete(api: Client, found: find.Found, *, namespace: str) -> bool:
    """Delete a workload that was found; False where it was gone already.

    Only this very object: one that was made under the same name meanwhile is left alone.
    """
    kind, workload = found
    metadata = workload["metadata"]
    options = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": "Background",
        "preconditions": {"uid": metadata["uid"]},
    }
    path = f"{kind.collection(namespace)}/{metadata['name']}"
    try:
        api.request("DELETE", path, body=options)
    except problems.NotFound:
        return False
    return True
