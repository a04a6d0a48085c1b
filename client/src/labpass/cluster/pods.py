"""The pod rules of a project's namespace: what no pod there may have, whoever asks.

Pods are checked when they are made, by controllers too; templates are checked as well, so that a
person hears of it at once and not from the events of a Job that never starts.
"""

from typing import Final

from labpass.cluster import cel, kinds, names
from labpass.cluster.policy import Check, Match, Policy

NAME: Final = f"{names.PREFIX}pods"

CONTROL_PLANE: Final = "node-role.kubernetes.io/"
CRITICAL: Final = "CriticalAddonsOnly"
"""k3s and RKE2 taint a dedicated server node with it."""


def policy() -> Policy:
    """Return the policy; a bound pod, which is only updated, is asked for its tolerations alone."""
    return Policy(
        name=NAME,
        matches=tuple(
            Match(group=group, resources=resources)
            for group, resources in kinds.by_group(kinds.POD_MAKERS, subresources=False)
        ),
        conditions=(
            (
                "what-runs-changes",
                (
                    "request.operation == 'CREATE' ||\n"
                    "object.?spec != oldObject.?spec || object.?template != oldObject.?template"
                ),
            ),
            # A controller moves along what was there before the rules; the pods are checked.
            ("not-a-controllers-change", f"request.operation == 'CREATE' || !{_controller()}"),
        ),
        variables=(
            ("specs", _specs()),
            ("fresh", "request.operation == 'CREATE' || request.kind.kind != 'Pod'"),
            ("accounts", _accounts()),
        ),
        checks=_checks(),
        in_projects=True,
    )


def _controller() -> str:
    return f"({cel.is_controller()})"


def _specs() -> str:
    parts = (
        f"({kinds.guard(shape, 'object')} ? {kinds.templates(shape, 'object')} : [])"
        for shape in kinds.shapes(kinds.POD_MAKERS)
    )
    joined = "\n + ".join(parts)
    return f"({joined}).filter(t, has(t.spec)).map(t, t.spec)"


def _accounts() -> str:
    """Give the accounts that the namespace's annotation, an administrator's to write, allows."""
    key = cel.text(names.SERVICE_ACCOUNTS)
    return (
        f"namespaceObject.metadata.?annotations[?{key}].orValue('').split(',')"
        ".map(a, a.trim()).filter(a, a != '' && a != 'default')"
    )


def _checks() -> tuple[Check, ...]:
    return (
        Check(
            holds="!variables.fresh || variables.specs.all(s,\n"
            "  s.?serviceAccountName.orValue('') in ['', 'default'] + variables.accounts &&\n"
            "  s.?serviceAccount.orValue('') in ['', 'default'] + variables.accounts)",
            words="'pods of this project may use the service account ' +"
            " 'default' + variables.accounts.map(a, ', ' + a).join('') +"
            " ' and no other'",
            words_are_cel=True,
        ),
        Check(
            holds="!variables.fresh || variables.specs.all(s,\n"
            "  s.?serviceAccountName.orValue('') in variables.accounts ||\n"
            "  (!s.?automountServiceAccountToken.orValue(false) &&\n"
            "   s.?volumes.orValue([]).all(v, !has(v.projected) ||\n"
            "     v.projected.?sources.orValue([]).all(x, !has(x.serviceAccountToken)))))",
            words="pods of this project get no token of the service account default;"
            " set automountServiceAccountToken: false",
        ),
        Check(
            holds="!variables.fresh || variables.specs.all(s, s.?nodeName.orValue('') == '')",
            words="the scheduler chooses the node: no nodeName",
        ),
        Check(
            holds="variables.specs.all(s, s.?tolerations.orValue([]).all(t,\n"
            f"  !(t.?key.orValue('') in ['', {cel.text(CRITICAL)}]) &&\n"
            f"  !t.?key.orValue('').startsWith({cel.text(CONTROL_PLANE)})))",
            words="nothing of a project runs on the control plane: no toleration of"
            " node-role.kubernetes.io/*, of CriticalAddonsOnly or of every taint",
        ),
        Check(
            holds="!variables.fresh || variables.specs.all(s,\n"
            "  !s.?priorityClassName.orValue('').startsWith('system-'))",
            words="the system- priority classes are the cluster's own",
        ),
    )
