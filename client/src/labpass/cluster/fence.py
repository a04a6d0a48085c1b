"""The fence: what our own account may do with the power that RBAC gives it.

RBAC limits which roles it binds, not where: without the fence whoever stole its token could bind a
set in kube-system. The account has no verb on these policies.
"""

from typing import Final

from labpass.cluster import cel, names, permission_sets
from labpass.cluster.installation import Installation
from labpass.cluster.policy import WRITES, Check, Match, Policy

FENCE: Final = f"{names.PREFIX}fence-"
LONGEST_TOKEN: Final = 30 * 24 * 3600
"""Seconds: the life of our account's token, and the most it may ask for itself."""

_ALL: Final = (*WRITES, "DELETE")
_US: Final = (("our-account", cel.is_our_account()),)
_SEEN: Final = ("seen", "(object == null ? [] : [object]) + (oldObject == null ? [] : [oldObject])")
_DELETES: Final = "request.operation == 'DELETE'"
_LEVELS: Final = ("privileged", "baseline", "restricted")


def policies(installation: Installation) -> tuple[Policy, ...]:
    """Return the fence, one policy for each thing that the account may write."""
    return (
        _namespaces(installation),
        _bindings(installation),
        _limits(installation),
        _default_account(installation),
        _own_token(),
    )


def _managed(holder: str) -> str:
    return f"{cel.label(holder, names.MANAGED_BY)} == {cel.text(names.MANAGER)}"


def _project(holder: str, installation: Installation) -> str:
    """Tell whether a namespace is a project's, of this installation, with a Pod Security level."""
    level = cel.label(holder, names.POD_SECURITY_ENFORCE)
    return f"({_owned(holder, installation)} &&\n {level} in {cel.texts(_LEVELS)})"


def _owned(holder: str, installation: Installation) -> str:
    """Tell whether a namespace is a project's, of this installation."""
    return (
        f"{cel.label(holder, names.INSTALLATION)} == {cel.text(installation.id)} &&\n"
        f" {cel.label(holder, names.PROJECT)} != '' &&\n"
        f" {_no_system_name(holder)}"
    )


def _no_system_name(holder: str) -> str:
    name = f"{holder}.metadata.name"
    taken = cel.texts(["default", names.SYSTEM_NAMESPACE])
    return f"!({name} in {taken}) && !{name}.startsWith('kube-') && !{name}.startsWith('openshift')"


def _namespaces(installation: Installation) -> Policy:
    return Policy(
        name=f"{FENCE}namespaces",
        matches=(
            Match(
                group="",
                resources=("namespaces", "namespaces/status", "namespaces/finalize"),
                operations=_ALL,
            ),
        ),
        conditions=_US,
        variables=_namespace_variables(),
        checks=(
            Check(
                holds=f"!({_DELETES}) && request.?subResource.orValue('') == ''",
                words="Labpass never deletes a namespace nor touches its status or finalizers",
            ),
            Check(  # an old one without a level may get one again
                holds=f"{_DELETES} ||\n"
                f"({_managed('object')} && {_project('object', installation)} &&\n"
                f"(oldObject == null || ({_managed('oldObject')} &&"
                f" {_owned('oldObject', installation)})))",
                words=f"a namespace that Labpass makes or changes carries {names.INSTALLATION}:"
                f" {installation.id}, {names.PROJECT}, {names.MANAGED_BY}: {names.MANAGER} and"
                f" {names.POD_SECURITY_ENFORCE}, and is none of the system's",
            ),
            *_namespace_checks(),
        ),
        in_projects=False,
    )


def _namespace_variables() -> tuple[tuple[str, str], ...]:
    given = "(%s == null ? {} : %s.metadata.?%s.orValue({}))"
    ranks = ", ".join(f"{cel.text(level)}: {rank}" for rank, level in enumerate(_LEVELS))
    enforce = cel.text(names.POD_SECURITY_ENFORCE)
    return (
        ("labels", given % ("object", "object", "labels")),
        ("oldLabels", given % ("oldObject", "oldObject", "labels")),
        ("annotations", given % ("object", "object", "annotations")),
        ("oldAnnotations", given % ("oldObject", "oldObject", "annotations")),
        ("level", f"{{{ranks}}}[?variables.labels[?{enforce}].orValue('')].orValue(-1)"),
        (
            "oldLevel",  # of a namespace that is being made: baseline at least
            (
                f"oldObject == null ? 1 : {{{ranks}}}[?variables.oldLabels[?{enforce}]"
                ".orValue('')].orValue(-1)"
            ),
        ),
    )


def _namespace_checks() -> tuple[Check, ...]:
    version = cel.text(f"{names.POD_SECURITY_ENFORCE}-version")
    project = cel.text(names.PROJECT)
    ours = cel.text(f"{names.DOMAIN}/")
    open_labels = cel.texts([names.MANAGED_BY, "kubernetes.io/metadata.name"])
    return (
        Check(
            holds=f"{_DELETES} || (variables.level >= variables.oldLevel &&\n"
            f" variables.labels[?{version}].orValue('latest') =="
            f" (oldObject == null ? 'latest' : variables.oldLabels[?{version}].orValue('latest')))",
            words="Labpass never lowers a Pod Security level nor makes a namespace below baseline",
        ),
        Check(
            holds=f"{_DELETES} || oldObject == null ||\n"
            f"variables.labels[?{project}] == variables.oldLabels[?{project}]",
            words=f"{names.PROJECT} of an existing namespace is an administrator's",
        ),
        Check(  # resource.kubernetes.io/admin-access, for one, would open every device
            holds=f"{_DELETES} || (variables.labels.map(k, k) + variables.oldLabels.map(k, k))"
            f".all(k,\n  k.startsWith({ours}) || k.startsWith({cel.text(names.POD_SECURITY)}) ||"
            f" k in {open_labels} ||\n  variables.labels[?k] == variables.oldLabels[?k])",
            words="other labels of a namespace are an administrator's",
        ),
        Check(
            holds=f"{_DELETES} || (variables.annotations.map(k, k) +"
            " variables.oldAnnotations.map(k, k)).all(k,\n"
            f"  (k.startsWith({ours}) && k != {cel.text(names.SERVICE_ACCOUNTS)}) ||\n"
            "  variables.annotations[?k] == variables.oldAnnotations[?k])",
            words=f"other annotations of a namespace, and {names.SERVICE_ACCOUNTS},"
            " are an administrator's",
        ),
        Check(  # a made-up owner would let the garbage collector delete the namespace
            holds=f"{_DELETES} || ['ownerReferences', 'finalizers'].all(f, (f in object.metadata ?"
            " object.metadata[f] : []) ==\n  (oldObject != null && f in oldObject.metadata ?"
            " oldObject.metadata[f] : []))",
            words="owners and finalizers of a namespace are not Labpass's to write",
        ),
    )


def _bindings(installation: Installation) -> Policy:
    roles = cel.texts(each.cluster_role for each in permission_sets.SETS)
    subjects = "object.?subjects.orValue([])"
    user = f"s.kind == 'User' && s.name.startsWith({cel.text(installation.username_prefix)})"
    group = f"s.kind == 'Group' && s.name.startsWith({cel.text(installation.groups_prefix)})"
    return Policy(
        name=f"{FENCE}bindings",
        matches=(
            Match(group="rbac.authorization.k8s.io", resources=("rolebindings",), operations=_ALL),
        ),
        conditions=_US,
        variables=(_SEEN,),
        checks=(
            _only_managed(),
            Check(  # taking access away must go through even where a level was lost
                holds=f"{_DELETES} || {_project('namespaceObject', installation)} ||\n"
                f"(oldObject != null && {subjects}.all(s, s in oldObject.?subjects.orValue([])))",
                words="not the namespace of a Labpass project with a Pod Security level",
            ),
            Check(
                holds="variables.seen.all(o, o.roleRef.kind == 'ClusterRole' &&"
                f" o.roleRef.name in {roles})",
                words="Labpass binds its own permission sets and nothing else",
            ),
            Check(
                holds=f"{_DELETES} || {subjects}.all(s, ({user}) || ({group}))",
                words=f"Labpass binds its own people: users {installation.username_prefix}*"
                f" and groups {installation.groups_prefix}*",
            ),
        ),
        in_projects=False,
    )


def _limits(installation: Installation) -> Policy:
    return Policy(
        name=f"{FENCE}limits",
        matches=(Match(group="", resources=("resourcequotas", "limitranges"), operations=_ALL),),
        conditions=_US,
        variables=(_SEEN,),
        checks=(
            _only_managed(),
            Check(
                holds=_owned("namespaceObject", installation),
                words="not the namespace of a Labpass project",
            ),
        ),
        in_projects=False,
    )


def _only_managed() -> Check:
    return Check(
        holds=f"variables.seen.all(o, {_managed('o')})",
        words=f"not an object of Labpass ({names.MANAGED_BY}: {names.MANAGER})",
    )


def _default_account(installation: Installation) -> Policy:
    """Let it switch off the token mount of ``default`` in projects, and nothing else.

    An annotation of a service account can be a cloud's identity, so no other field may change.
    """
    kept = "['labels', 'annotations', 'ownerReferences', 'finalizers']"
    return Policy(
        name=f"{FENCE}default-account",
        matches=(Match(group="", resources=("serviceaccounts",), operations=_ALL),),
        conditions=_US,
        checks=(
            Check(
                holds="request.operation == 'UPDATE' && request.name == 'default' &&\n"
                f"{_owned('namespaceObject', installation)}",
                words="Labpass changes the service account default of its projects and no other",
            ),
            Check(
                holds="request.operation != 'UPDATE' ||\n"
                "(object.?automountServiceAccountToken == optional.of(false) &&\n"
                " object.?secrets == oldObject.?secrets &&\n"
                " object.?imagePullSecrets == oldObject.?imagePullSecrets &&\n"
                f" {kept}.all(f, (f in object.metadata) == (f in oldObject.metadata) &&\n"
                "  (!(f in object.metadata) || object.metadata[f] == oldObject.metadata[f])))",
                words="Labpass switches off the token mount of default and changes nothing else",
            ),
        ),
        in_projects=False,
    )


def _own_token() -> Policy:
    """Let it renew its own token, for no longer than ours live: a thief gets no lasting one."""
    return Policy(
        name=f"{FENCE}token",
        matches=(Match(group="", resources=("serviceaccounts/token",), operations=("CREATE",)),),
        conditions=_US,
        checks=(
            Check(
                holds=f"request.namespace == {cel.text(names.SYSTEM_NAMESPACE)} &&\n"
                f"request.name == {cel.text(names.ACCOUNT)} &&\n"
                f"object.spec.?expirationSeconds.orValue(3600) <= {LONGEST_TOKEN}",
                words=f"Labpass asks for its own token only, for {LONGEST_TOKEN} seconds at most",
            ),
        ),
        in_projects=False,
    )
