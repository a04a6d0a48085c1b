import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass_server.model import errors, handle


@pytest.mark.parametrize("good", ["al", "alice", "a.b_c-d", "9to5", "x" * 63, "administrator"])
def test_a_handle_is_safe_as_a_label_value(good: str) -> None:
    assert handle.parse(good) == good


@pytest.mark.parametrize(
    "bad",
    ["", "a", "Alice", "-alice", "alice.", "a b", "x" * 64, "álice", "alice\n", "a/b", "a:b"],
)
def test_another_shape_is_refused(bad: str) -> None:
    with pytest.raises(errors.Invalid):
        handle.parse(bad)


@pytest.mark.parametrize(
    "reserved",
    ["system", "system.masters", "kube-admin", "kubernetes", "labpass", "sa.ci", "canary"],
)
def test_a_reserved_name_is_nobodys(reserved: str) -> None:
    with pytest.raises(errors.Invalid, match="reserved"):
        handle.parse(reserved)


def test_an_administrators_name_needs_a_yes() -> None:
    assert handle.needs_yes("admin")
    assert handle.needs_yes("administrator")
    assert not handle.needs_yes("alice")


@given(st.text())
def test_whatever_is_accepted_can_be_a_user_name_in_a_cluster(text: str) -> None:
    try:
        accepted = handle.parse(text)
    except errors.Invalid:
        return
    assert ":" not in accepted
    assert not accepted.startswith("system")
