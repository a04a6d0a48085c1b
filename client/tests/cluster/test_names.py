from hypothesis import given
from hypothesis import strategies as st

from labpass.cluster import names

NAME = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789-.", min_size=1, max_size=63)


def test_a_binding_has_a_name_that_kubernetes_takes() -> None:
    assert names.role_binding("labpass-vision", "view") == "labpass-view-33e1386eee"
    assert len(names.role_binding("n" * 63, "interact", 12)) <= 63


@given(NAME, NAME, st.integers(0, 9))
def test_a_dot_and_a_dash_never_meet_in_one_name(one: str, other: str, shard: int) -> None:
    assert (names.role_binding(one, "view", shard) == names.role_binding(other, "view", shard)) == (
        one == other
    )


def test_shards_have_names_of_their_own() -> None:
    assert len({names.role_binding("x", "view", shard) for shard in range(50)}) == 50
