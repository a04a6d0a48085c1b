"""The names that Labpass uses inside a cluster: one place, so that no two sides can disagree."""

import hashlib
from typing import Final

DOMAIN: Final = "labpass.dev"

INSTALLATION: Final = f"{DOMAIN}/installation"
"""Label of a namespace: the id of the Labpass installation that made or adopted it."""
PROJECT: Final = f"{DOMAIN}/project"
"""Label of a namespace: the project it belongs to. The policies are bound by it."""
SUBMITTED_BY: Final = f"{DOMAIN}/submitted-by"
"""Label of whatever makes pods, and of the pods: the handle of its submitter."""
SERVICE_ACCOUNTS: Final = f"{DOMAIN}/service-accounts"
"""Annotation of a namespace: service accounts, separated by commas, that its pods may use."""
DEFINITION: Final = f"{DOMAIN}/definition"
"""Annotation of each object we install: the digest of the definition it came from."""

MANAGED_BY: Final = "app.kubernetes.io/managed-by"
MANAGER: Final = "labpass"
"""The value of `MANAGED_BY`, and our field manager under server-side apply."""

POD_SECURITY: Final = "pod-security.kubernetes.io/"
POD_SECURITY_ENFORCE: Final = f"{POD_SECURITY}enforce"

SYSTEM_NAMESPACE: Final = "labpass-system"
ACCOUNT: Final = "labpass-reconciler"
ACCOUNT_USER: Final = f"system:serviceaccount:{SYSTEM_NAMESPACE}:{ACCOUNT}"
"""Our account as the API server names it."""

PREFIX: Final = "labpass-"
"""Every object that Labpass makes in a cluster has a name that begins so."""


def cluster_role(permission_set: str) -> str:
    """Name the ClusterRole of a permission set."""
    return f"{PREFIX}{permission_set}"


def role_binding(namespace: str, permission_set: str, shard: int = 0) -> str:
    """Name the RoleBinding of one namespace, set and shard.

    The tail is a hash of the key, so no two keys meet in one name; replacing characters would let
    them.
    """
    key = f"{namespace}/{permission_set}/{shard}".encode()
    return f"{PREFIX}{permission_set}-{hashlib.sha256(key).hexdigest()[:10]}"
