"""An admission policy as a value, and the Kubernetes objects it becomes."""

from dataclasses import dataclass, field
from typing import Final

from labpass.cluster import names
from labpass.cluster.manifest import Json, Manifest

API: Final = "admissionregistration.k8s.io/v1"
WRITES: Final = ("CREATE", "UPDATE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Requests on resources of one API group."""

    group: str
    resources: tuple[str, ...]
    operations: tuple[str, ...] = WRITES

    def rendered(self) -> Json:
        """Return the rule; any version, because a request is converted to the one that is named."""
        return {
            "apiGroups": [self.group],
            "apiVersions": ["*"],
            "operations": list(self.operations),
            "resources": list(self.resources),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What must hold. ``words`` is fixed text, or CEL when ``words_are_cel``."""

    holds: str
    words: str
    words_are_cel: bool = False

    def rendered(self) -> Json:
        """Return the validation."""
        key = "messageExpression" if self.words_are_cel else "message"
        return {"expression": self.holds, key: self.words, "reason": "Forbidden"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A validating admission policy, bound everywhere or in projects' namespaces.

    ``in_projects`` also binds it in our own namespace: nothing of a person's belongs there, and a
    dry run there shows that the policy is active without touching a project.
    """

    name: str
    matches: tuple[Match, ...]
    checks: tuple[Check, ...]
    conditions: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, str], ...] = field(default=())
    in_projects: bool

    def rendered(self) -> tuple[Manifest, ...]:
        """Return the policy and its bindings."""
        rules: Json = [match.rendered() for match in self.matches]
        spec: dict[str, Json] = {
            "failurePolicy": "Fail",
            "matchConstraints": {"resourceRules": rules},
            "matchConditions": named(self.conditions),
            "variables": named(self.variables),
            "validations": [check.rendered() for check in self.checks],
        }
        policy = made("ValidatingAdmissionPolicy", self.name, {k: v for k, v in spec.items() if v})
        return policy, *bindings(
            "ValidatingAdmissionPolicyBinding", self.name, in_projects=self.in_projects
        )


def made(kind: str, name: str, spec: Json) -> Manifest:
    """Return an object of the admission API with our label."""
    metadata: Json = {"name": name, "labels": {names.MANAGED_BY: names.MANAGER}}
    return {"apiVersion": API, "kind": kind, "metadata": metadata, "spec": spec}


def named(pairs: tuple[tuple[str, str], ...]) -> Json:
    """Return named expressions in their order."""
    return [{"name": name, "expression": expression} for name, expression in pairs]


def bindings(kind: str, name: str, *, in_projects: bool) -> tuple[Manifest, ...]:
    """Bind a policy everywhere, or in projects' namespaces and in ours."""
    deny: dict[str, Json] = {"validationActions": ["Deny"]} if kind.startswith("Validating") else {}
    if not in_projects:
        return (made(kind, name, {"policyName": name, **deny}),)
    return tuple(
        made(kind, f"{name}{suffix}", {"policyName": name, "matchResources": where, **deny})
        for suffix, where in _PLACES
    )


def _where(expression: dict[str, Json]) -> Json:
    return {"namespaceSelector": {"matchExpressions": [expression]}}


_PLACES: Final = (
    ("", _where({"key": names.PROJECT, "operator": "Exists"})),
    (
        "-system",
        _where(
            {
                "key": "kubernetes.io/metadata.name",
                "operator": "In",
                "values": [names.SYSTEM_NAMESPACE],
            }
        ),
    ),
)
