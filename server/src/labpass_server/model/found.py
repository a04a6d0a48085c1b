"""What was found on a cluster, as far as a plan must know it. Values only.

The adapter lists namespaces and bindings that carry our installation's label, and looks up by name
what is wanted and was not among them; so a foreign namespace with a wanted name is seen as well.
"""

from dataclasses import dataclass

from labpass_server.model.objects import Namespace, RoleBinding, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundNamespace:
    """A namespace that is there.

    ``installation``, ``project`` and ``pod_security`` are its labels' texts, ``None`` where absent.
    ``token_mount_is_off`` is about its ``default`` account, ``None`` while that does not exist yet.
    """

    name: str
    is_managed: bool
    installation: str | None
    project: str | None
    pod_security: str | None
    is_terminating: bool
    token_mount_is_off: bool | None

    def is_ours(self, installation: str) -> bool:
        """Whether we made it, or its administrator adopted it for us."""
        return self.is_managed and self.installation == installation

    def equals(self, wanted: Namespace) -> bool:
        """Whether nothing that we care for differs."""
        return (
            self.is_ours(wanted.installation)
            and self.project == wanted.project
            and self.pod_security == wanted.pod_security.value
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBinding:
    """A RoleBinding that is there.

    ``subjects`` are user names, sorted; ``has_strangers`` says that there are subjects which are no
    users. ``cluster_role`` is ``None`` when it binds something else than a ClusterRole.
    """

    namespace: str
    name: str
    is_managed: bool
    installation: str | None
    cluster_role: str | None
    subjects: tuple[str, ...]
    has_strangers: bool

    def is_ours(self, installation: str) -> bool:
        """Whether it is an object of our installation."""
        return self.is_managed and self.installation == installation

    def equals(self, wanted: RoleBinding) -> bool:
        """Whether nothing that we care for differs."""
        return (
            self.is_ours(wanted.installation)
            and self.cluster_role == wanted.cluster_role
            and self.subjects == wanted.subjects
            and not self.has_strangers
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Everything found on one cluster, in any order, each name once."""

    namespaces: tuple[FoundNamespace, ...]
    bindings: tuple[FoundBinding, ...]


def as_wanted(wanted: Wanted) -> Found:
    """Return what would be found if everything were as wanted: where a preview starts from."""
    return Found(
        namespaces=tuple(of_namespace(each, token_mount_is_off=True) for each in wanted.namespaces),
        bindings=tuple(of_binding(each) for each in wanted.bindings),
    )


def of_namespace(item: Namespace, *, token_mount_is_off: bool | None) -> FoundNamespace:
    """Return a namespace as it is found once it is as wanted."""
    return FoundNamespace(
        name=item.name,
        is_managed=True,
        installation=item.installation,
        project=item.project,
        pod_security=item.pod_security.value,
        is_terminating=False,
        token_mount_is_off=token_mount_is_off,
    )


def of_binding(item: RoleBinding) -> FoundBinding:
    """Return a binding as it is found once it is as wanted."""
    return FoundBinding(
        namespace=item.namespace,
        name=item.name,
        is_managed=True,
        installation=item.installation,
        cluster_role=item.cluster_role,
        subjects=item.subjects,
        has_strangers=False,
    )
