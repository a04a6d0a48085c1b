import pytest

from labpass import problems
from labpass.cluster import manifest
from labpass.rollout.survey import Change, State, Wanted, parse_version

WANTED = Wanted(installation="one", username_prefix="labpass:", groups_prefix="labpass:")


@pytest.mark.parametrize(
    ("major", "minor", "version"),
    [("1", "36", (1, 36)), ("1", "30+", (1, 30)), ("1", "27-eks", (1, 27))],
)
def test_versions_as_distributions_write_them(
    major: str, minor: str, version: tuple[int, int]
) -> None:
    assert parse_version(major, minor) == version


@pytest.mark.parametrize(("major", "minor"), [("", ""), ("1", ""), ("one", "36")])
def test_what_is_no_version_is_said_so(major: str, minor: str) -> None:
    with pytest.raises(problems.Problem, match="version"):
        parse_version(major, minor)


@pytest.mark.parametrize("minor", [27, 28, 29])
def test_an_old_cluster_is_refused_loudly(minor: int) -> None:
    with pytest.raises(problems.Conflict, match="no admission policies") as caught:
        WANTED.objects((1, minor))
    assert "trust" in caught.value.hint


def test_a_change_names_its_object() -> None:
    role = next(e for e in WANTED.objects((1, 36)) if manifest.kind(e) == "Role")
    change = Change(wanted=role, state=State.NEW)
    assert change.title == "Role labpass-system/labpass-reconciler"
