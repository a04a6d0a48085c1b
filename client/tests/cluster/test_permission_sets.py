import pytest

from labpass.cluster import kinds, names, permission_sets
from labpass.cluster.permission_sets import SETS, PermissionSet

NEVER = (
    "bindings",
    "clusterrolebindings",
    "clusterroles",
    "eviction",
    "limitranges",
    "nodes",
    "resourcequotas",
    "rolebindings",
    "roles",
    "scale",
    "serviceaccounts",
    "token",
)
WRITING = {"create", "update", "patch", "delete", "deletecollection"}


def written() -> set[tuple[str, str]]:
    return {
        (rule.group, resource)
        for each in SETS
        for rule in each.rules
        for resource in rule.resources
        if WRITING & set(rule.verbs)
    }


def test_whatever_a_set_lets_a_person_write_and_makes_pods_is_under_the_policies() -> None:
    makers = {(maker.group, maker.resource) for maker in kinds.POD_MAKERS}
    harmless = {
        ("", "configmaps"),
        ("", "persistentvolumeclaims"),
        ("", "pods/attach"),
        ("", "pods/exec"),
        ("", "pods/portforward"),
        ("", "secrets"),
        ("", "services"),
        ("resource.k8s.io", "resourceclaims"),
        ("resource.k8s.io", "resourceclaimtemplates"),
    }
    assert written() - harmless == {("", "pods"), ("batch", "jobs")}
    assert written() - harmless <= makers


def test_nothing_written_is_of_the_house() -> None:
    for _, resource in written():
        assert not set(resource.split("/")) & set(NEVER)


@pytest.mark.parametrize("each", SETS, ids=lambda each: each.name)
def test_a_set_names_every_verb_and_resource(each: PermissionSet) -> None:
    text = str(each.rules)
    assert "'*'" not in text
    assert not {"escalate", "bind", "impersonate"} & {v for r in each.rules for v in r.verbs}


def test_to_look_reads_no_secret() -> None:
    assert "secrets" not in str(permission_sets.VIEW.rules)
    verbs = {verb for rule in permission_sets.VIEW.rules for verb in rule.verbs}
    assert verbs <= {"get", "list", "watch"}


def test_names_are_ours() -> None:
    assert [each.cluster_role for each in SETS] == [
        "labpass-view",
        "labpass-submit",
        "labpass-interact",
        "labpass-data",
    ]
    assert all(each.cluster_role.startswith(names.PREFIX) for each in SETS)
