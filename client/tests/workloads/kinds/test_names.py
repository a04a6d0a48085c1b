import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass.workloads.kinds import names
from labpass.workloads.kinds.invalid import InvalidWorkload


@pytest.mark.parametrize("name", ["a", "a1", "train-7", "x" * 63, "0-0"])
def test_a_dns_label_is_a_name(name: str) -> None:
    assert names.check_label("name", name) == name


@pytest.mark.parametrize(
    "name", ["", "-a", "a-", "A", "a_b", "a.b", "a b", "x" * 64, "é", "a\n", "a/../b", "\u0661"]
)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(InvalidWorkload):
        names.check_label("name", name)


def test_the_refusal_offers_what_was_probably_meant() -> None:
    with pytest.raises(InvalidWorkload, match="'my-job-v2' would do") as caught:
        names.check_label("name", "My_Job.v2")
    assert caught.value.field == "name"


@given(st.text(max_size=200))
def test_whatever_is_offered_instead_is_itself_a_name_or_nothing(value: str) -> None:
    meant = names.fitting(value)
    assert not meant or names.check_label("name", meant) == meant


@pytest.mark.parametrize("name", ["HF_HOME", "_x", "a.b-c", "a..b"])
def test_an_environment_name(name: str) -> None:
    assert names.check_environment("env", name) == name


@pytest.mark.parametrize("name", ["", "1A", "A B", "A=B", "..", "..x", ".", "Ä", "A\n"])
def test_what_kubernetes_refuses_as_an_environment_name_is_refused_here(name: str) -> None:
    with pytest.raises(InvalidWorkload):
        names.check_environment("env", name)


@pytest.mark.parametrize(
    "image",
    [
        "busybox",
        "ghcr.io/lab/train:v3",
        "localhost:5000/a/b:c",
        "nvcr.io/nvidia/pytorch@sha256:" + "a" * 64,
        "nvcr.io/nvidia/pytorch:24.01-py3@sha256:" + "a" * 64,
    ],
)
def test_image_references(image: str) -> None:
    assert names.check_image("image", image) == image


@pytest.mark.parametrize("image", ["", " busybox", "a b", "https://x/y", "a:b:c", "x" * 600, "-x"])
def test_no_image_references(image: str) -> None:
    with pytest.raises(InvalidWorkload):
        names.check_image("image", image)


@given(st.text(alphabet=string.printable, max_size=100))
def test_a_name_that_passes_is_made_of_its_letters_alone(value: str) -> None:
    try:
        names.check_subdomain("name", value)
    except InvalidWorkload:
        return
    assert set(value) <= set(string.ascii_lowercase + string.digits + "-.")
