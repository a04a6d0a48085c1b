"""Guard: what makes a namespace a project's is written by our account or an administrator.

An administrator is somebody who could change this policy anyway, asked of the API server itself.
"""

from typing import Final

from labpass.cluster import cel, names
from labpass.cluster.installation import Installation
from labpass.cluster.policy import Check, Match, Policy

NAME: Final = f"{names.PREFIX}namespaces"

_ADMINISTRATOR: Final = (
    "authorizer.group('admissionregistration.k8s.io').resource('validatingadmissionpolicies')"
    f".name({cel.text(NAME)}).check('update').allowed()"
)


def policy(installation: Installation) -> Policy:
    """Return the policy; /status and /finalize can write labels too, so they are asked as well."""
    project = cel.text(names.PROJECT)
    ours = cel.text(installation.id)
    return Policy(
        name=NAME,
        matches=(
            Match(group="", resources=("namespaces", "namespaces/status", "namespaces/finalize")),
        ),
        conditions=(("not-our-account", f"!({cel.is_our_account()})"),),  # it has a fence
        variables=_variables(),
        checks=(
            Check(
                holds=f"!variables.changed ||\n{_ADMINISTRATOR}",
                words=f"{names.DOMAIN}/ labels and annotations, and a project's Pod Security level,"
                " are written by Labpass and by who may change its policies",
            ),
            Check(
                holds=f"!variables.changed || !({project} in variables.labels) ||\n"
                f"variables.labels[?{cel.text(names.INSTALLATION)}].orValue('') == {ours}",
                words=f"a project's namespace also carries {names.INSTALLATION}: {installation.id}",
            ),
        ),
        in_projects=False,
    )


def _variables() -> tuple[tuple[str, str], ...]:
    old = "(oldObject == null ? {} : oldObject.metadata.?%s.orValue({}))"
    own = cel.text(f"{names.DOMAIN}/")
    security = cel.texts([names.POD_SECURITY_ENFORCE, f"{names.POD_SECURITY_ENFORCE}-version"])
    project = cel.text(names.PROJECT)
    return (
        ("labels", "object.metadata.?labels.orValue({})"),
        ("oldLabels", old % "labels"),
        ("annotations", "object.metadata.?annotations.orValue({})"),
        ("oldAnnotations", old % "annotations"),
        ("project", f"{project} in variables.labels || {project} in variables.oldLabels"),
        (
            "changed",
            (
                "(variables.labels.map(k, k) + variables.oldLabels.map(k, k)).exists(k,\n"
                f"  (k.startsWith({own}) || (variables.project && k in {security})) &&\n"
                "  variables.labels[?k] != variables.oldLabels[?k]) ||\n"
                "(variables.annotations.map(k, k) + variables.oldAnnotations.map(k, k)).exists(k,\n"
                f"  k.startsWith({own}) &&"
                " variables.annotations[?k] != variables.oldAnnotations[?k])"
            ),
        ),
    )
