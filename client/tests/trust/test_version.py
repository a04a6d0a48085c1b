"""Which version is told in which way."""

import pytest

from labpass.trust.errors import Invalid
from labpass.trust.version import Mechanism, Version


@pytest.mark.parametrize(
    ("text", "mechanism"),
    [
        ("v1.27.16", Mechanism.FLAGS),
        ("1.29.14", Mechanism.FLAGS),
        ("v1.30.14+rke2r1", Mechanism.V1BETA1),
        ("v1.33.5-eks-3025e55", Mechanism.V1BETA1),
        ("1.34", Mechanism.V1),
        ("v1.36.3", Mechanism.V1),
        ("v2.0.0", Mechanism.V1),
    ],
)
def test_each_version_is_told_in_the_newest_way_it_reads(text: str, mechanism: Mechanism) -> None:
    assert Version.parse(text).mechanism is mechanism


@pytest.mark.parametrize("text", ["", "latest", "1", "v1.26.9", "1.36.3\nx", "v1.x", "-1.30"])
def test_what_is_no_version_or_too_old_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Version.parse(text)


def test_what_each_version_reads_and_tells() -> None:
    old, new = Version.parse("1.31"), Version.parse("1.34.1")
    assert (old.reads_anonymous, old.reads_egress_selector, old.tells_running_hash) == (False,) * 3
    assert (new.reads_anonymous, new.reads_egress_selector, new.tells_running_hash) == (True,) * 3
    assert str(new) == "v1.34.1"
    assert not Mechanism.FLAGS.is_a_file
