"""Two rules for what stands beside pods in a project's namespace: secrets and services."""

from typing import Final

from labpass.cluster import cel, names
from labpass.cluster.installation import Installation
from labpass.cluster.policy import Check, Match, Policy

SECRETS: Final = f"{names.PREFIX}secrets"
SERVICES: Final = f"{names.PREFIX}services"

TOKEN_TYPE: Final = "kubernetes.io/service-account-token"  # noqa: S105 -- a type, not a secret


def secrets(installation: Installation) -> Policy:
    """No Secret that makes the cluster mint a service account's token, whoever asks.

    An UPDATE is refused to people only: a cluster's own cleaner labels old ones.
    """
    person = cel.is_person(installation)
    return Policy(
        name=SECRETS,
        matches=(Match(group="", resources=("secrets",)),),
        checks=(
            Check(
                holds=f"object.?type.orValue('') != {cel.text(TOKEN_TYPE)} ||\n"
                f"(request.operation == 'UPDATE' && !{person})",
                words=f"no Secret of type {TOKEN_TYPE} in a project:"
                " it would mint a service account's token",
            ),
        ),
        in_projects=True,
    )


def services(installation: Installation) -> Policy:
    """People's services stay inside the cluster: no open port, no foreign address, no other name.

    ``externalIPs`` catches other people's traffic (CVE-2020-8554).
    """
    return Policy(
        name=SERVICES,
        matches=(Match(group="", resources=("services", "services/status")),),
        conditions=(("by-a-person", cel.is_person(installation)),),
        checks=(
            Check(
                holds="object.spec.?type.orValue('ClusterIP') == 'ClusterIP' &&\n"
                "size(object.spec.?externalIPs.orValue([])) == 0",
                words="a service of a project is of type ClusterIP and has no externalIPs",
            ),
        ),
        in_projects=True,
    )
