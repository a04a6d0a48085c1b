import pytest

from labpass.problems import UsageProblem
from labpass.session import profiles


@pytest.mark.parametrize("name", ["default", "work", "a.b-c_d@e", "9"])
def test_names(name: str) -> None:
    assert profiles.check(name) == name


@pytest.mark.parametrize("name", ["", "-o", "a b", "a;b", "../x", "a\n", "\udcff", "é", "a" * 64])
def test_what_would_need_quoting_is_no_name(name: str) -> None:
    with pytest.raises(UsageProblem):
        profiles.check(name)


def test_a_command_names_the_profile_where_it_is_not_the_default() -> None:
    assert profiles.command("login", "default") == "labpass login"
    assert profiles.command("login", "work") == "labpass --profile work login"
