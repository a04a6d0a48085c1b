import pytest

from testbed.problems import Problem
from testbed.version import DEFAULT, Version


@pytest.mark.parametrize("text", ["1.36.3", "v1.36.3"])
def test_both_spellings(text: str) -> None:
    assert Version.parse(text) == DEFAULT
    assert str(DEFAULT) == "v1.36.3"
    assert DEFAULT.staging == "v0.36.3"


@pytest.mark.parametrize("text", ["1.36", "2.1.1", "1.36.3-rc.1", "", "../1.36.3"])
def test_anything_else_is_refused_in_words(text: str) -> None:
    with pytest.raises(Problem, match="write it like"):
        Version.parse(text)


@pytest.mark.parametrize(
    ("minor", "api"),
    [
        (29, None),
        (30, "apiserver.config.k8s.io/v1beta1"),
        (33, "apiserver.config.k8s.io/v1beta1"),
        (34, "apiserver.config.k8s.io/v1"),
    ],
)
def test_the_authentication_configuration_of_a_version(minor: int, api: str | None) -> None:
    assert Version(minor=minor, patch=0).authentication_api == api
