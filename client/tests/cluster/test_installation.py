import pytest

from labpass.cluster.installation import BadInstallation, Installation


@pytest.mark.parametrize("prefix", ["labpass:", "corp#", "https://x.example/#", "aks:", "a-"])
def test_a_prefix_that_can_be_told_from_a_name(prefix: str) -> None:
    Installation(id="one", username_prefix=prefix, groups_prefix=prefix)


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        "labpass",
        "system:",
        "system:node:",
        "kubeadm:",
        ":",
        "x y:",
        'a":',
        "a':",
        "a\\:",
        "a\n:",
    ],
)
def test_a_prefix_that_opens_the_policies_is_refused(prefix: str) -> None:
    with pytest.raises(BadInstallation):
        Installation(id="one", username_prefix=prefix, groups_prefix="labpass:")
    with pytest.raises(BadInstallation):
        Installation(id="one", username_prefix="labpass:", groups_prefix=prefix)


@pytest.mark.parametrize("name", ["", "A", "a b", "-a", "a-", "a" * 64, 'a"'])
def test_an_id_that_is_no_label_value_is_refused(name: str) -> None:
    with pytest.raises(BadInstallation):
        Installation(id=name, username_prefix="labpass:", groups_prefix="labpass:")
