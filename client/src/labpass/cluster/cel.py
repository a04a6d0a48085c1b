"""Writing CEL, the language of admission policies: literals and the phrases all policies use."""

import json
from collections.abc import Iterable
from typing import Final

from labpass.cluster import names
from labpass.cluster.installation import Installation

CONTROLLERS: Final = (
    "job",
    "cronjob",
    "deployment",
    "replicaset",
    "replication",
    "statefulset",
    "daemon-set",
)
"""The controllers of kube-controller-manager that make pods or what makes pods."""


def text(value: str) -> str:
    """Write a string literal. JSON's escapes are a part of CEL's."""
    return json.dumps(value, ensure_ascii=True)


def texts(values: Iterable[str]) -> str:
    """Write a list of strings."""
    return f"[{', '.join(text(value) for value in values)}]"


def is_person(installation: Installation) -> str:
    """Tell whether the caller is one of Labpass's people."""
    return f"request.userInfo.username.startsWith({text(installation.username_prefix)})"


def handle(installation: Installation) -> str:
    """Give the caller's handle; only behind `is_person`, or ``substring`` fails."""
    return f"request.userInfo.username.substring({len(installation.username_prefix)})"


def is_controller() -> str:
    """Tell whether a built-in controller asks: by its account, never by ownerReferences.

    Without --use-service-account-credentials all of them call as system:kube-controller-manager.
    """
    accounts = [f"system:serviceaccount:kube-system:{name}-controller" for name in CONTROLLERS]
    return f"request.userInfo.username in {texts(['system:kube-controller-manager', *accounts])}"


def is_our_account() -> str:
    """Tell whether our own account asks."""
    return f"request.userInfo.username == {text(names.ACCOUNT_USER)}"


def label(holder: str, key: str) -> str:
    """Give a label's value; empty when there is none."""
    return f"{holder}.metadata.?labels[?{text(key)}].orValue('')"
