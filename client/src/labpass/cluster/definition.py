"""Everything that Labpass installs in a cluster, from one definition, in the order to apply it.

Policies come before the account: at no time is there an account without its fence.
"""

import hashlib
import json
from typing import Final

from labpass.cluster import (
    account,
    belongings,
    fence,
    manifest,
    names,
    namespaces,
    permission_sets,
    pods,
    prove,
    stamp,
)
from labpass.cluster.installation import Installation
from labpass.cluster.manifest import Manifest
from labpass.cluster.permission_sets import PermissionSet

OLDEST: Final = (1, 30)
"""The first Kubernetes with ValidatingAdmissionPolicy in v1; below it there is trust only."""


class TooOld(ValueError):
    """This Kubernetes has no admission policies, so nothing can be installed."""


def objects(
    installation: str, username_prefix: str, groups_prefix: str, version: tuple[int, int]
) -> tuple[Manifest, ...]:
    """Return all objects for one installation on one Kubernetes version, in safe order.

    Each carries the digest of the whole. Raises `TooOld` below 1.30 and `BadInstallation`.
    """
    made = _objects(
        Installation(id=installation, username_prefix=username_prefix, groups_prefix=groups_prefix),
        version,
    )
    mark = {names.DEFINITION: _digest(made)}
    return tuple(manifest.annotated(each, mark) for each in made)


def digest(
    installation: str, username_prefix: str, groups_prefix: str, version: tuple[int, int]
) -> str:
    """Return the digest that `objects` of the same arguments carry: 16 hex digits of a SHA-256."""
    return _digest(
        _objects(
            Installation(
                id=installation, username_prefix=username_prefix, groups_prefix=groups_prefix
            ),
            version,
        )
    )


def policies(installation: Installation) -> tuple[Manifest, ...]:
    """Return the validating policies with their bindings."""
    values = (
        prove.policy(installation),
        pods.policy(),
        belongings.secrets(installation),
        belongings.services(installation),
        namespaces.policy(installation),
        *fence.policies(installation),
    )
    return tuple(each for value in values for each in value.rendered())


def _objects(installation: Installation, version: tuple[int, int]) -> tuple[Manifest, ...]:
    if version < OLDEST:
        found, oldest = (".".join(map(str, v)) for v in (version, OLDEST))
        raise TooOld(f"Kubernetes {found} has no admission policies; Labpass needs {oldest}")
    stamped = stamp.rendered(installation) if version >= stamp.FROM else ()
    rules = (*policies(installation), *stamped)
    return (
        _system_namespace(installation),
        *rules,
        *(_cluster_role(each) for each in permission_sets.SETS),
        *account.objects(sorted({manifest.name(each) for each in rules})),
    )


def _system_namespace(installation: Installation) -> Manifest:
    """Return our own namespace: no project's, and nothing ever runs there."""
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": {
            "name": names.SYSTEM_NAMESPACE,
            "labels": {
                names.MANAGED_BY: names.MANAGER,
                names.POD_SECURITY_ENFORCE: "restricted",
            },
            "annotations": {names.INSTALLATION: installation.id},
        },
    }


def _cluster_role(each: PermissionSet) -> Manifest:
    return {
        "apiVersion": f"{account.RBAC}/v1",
        "kind": "ClusterRole",
        "metadata": account.metadata(each.cluster_role),
        "rules": [account.rule(r.group, r.resources, r.verbs) for r in each.rules],
    }


def _digest(made: tuple[Manifest, ...]) -> str:
    canonical = json.dumps(made, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]
