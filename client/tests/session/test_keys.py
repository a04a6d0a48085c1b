import re

from hypothesis import given
from hypothesis import strategies as st

from labpass.session import keys

PARTS = st.tuples(st.text(), st.text(), st.text())


def test_is_what_it_was_in_every_earlier_release() -> None:
    """A changed key costs everybody a sign-in."""
    key = keys.for_credential(issuer="https://a", audience="b", profile="default")
    assert key == "27a358b0b513cad6022969927bf572aeea5beeddd7208eedf614f9a3afbe6cd1"


@given(PARTS, PARTS)
def test_different_sign_ins_have_different_names(
    a: tuple[str, str, str], b: tuple[str, str, str]
) -> None:
    made = [keys.for_credential(issuer=i, audience=t, profile=p) for i, t, p in (a, b)]
    assert (made[0] == made[1]) == (a == b)
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in made)
