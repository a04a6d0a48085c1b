import json

from hypothesis import given
from hypothesis import strategies as st

from labpass.cluster import cel


@given(st.text(alphabet=st.characters(max_codepoint=0xD7FF)))
def test_no_text_gets_out_of_its_quotes(text: str) -> None:
    written = cel.text(text)
    assert written.isascii()
    assert written[0] == written[-1] == '"'
    assert json.loads(written) == text


def test_a_child_is_known_by_the_controllers_account_alone() -> None:
    written = cel.is_controller()
    assert '"system:serviceaccount:kube-system:job-controller"' in written
    assert "ownerReferences" not in written
