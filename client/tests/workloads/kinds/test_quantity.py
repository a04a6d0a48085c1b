from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labpass.workloads.kinds import quantity
from labpass.workloads.kinds.invalid import InvalidWorkload

SUFFIXES = {
    "": Fraction(1),
    "m": Fraction(1, 1000),
    "k": Fraction(1000),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "Ki": Fraction(1024),
    "Gi": Fraction(2**30),
    "Ti": Fraction(2**40),
    "e3": Fraction(1000),
    "E-2": Fraction(1, 100),
    "E": Fraction(10**18),
}


NUMBERS = st.integers(0, 10**6).map(str) | st.decimals(0, 10**6, places=3).map(str)


@given(NUMBERS, st.sampled_from(sorted(SUFFIXES)))
def test_a_quantity_is_its_number_times_its_suffix(number: str, suffix: str) -> None:
    assert quantity.parse("cpu", number + suffix) == Fraction(number) * SUFFIXES[suffix]


@given(st.text(max_size=12))
def test_no_text_does_worse_than_a_refusal(value: str) -> None:
    try:
        assert quantity.parse("cpu", value) >= 0
    except InvalidWorkload as e:
        assert e.field == "cpu"  # noqa: PT017 - both ways out are right


@pytest.mark.parametrize("value", ["", "-1", "+1", "1 G", "1g", "1gi", "1ki", "Gi", ".", "1e999"])
def test_what_is_no_quantity(value: str) -> None:
    with pytest.raises(InvalidWorkload):
        quantity.parse("memory", value)


@pytest.mark.parametrize("value", ["1", "0.5", "500m", "1e1", "1k"])
def test_processors(value: str) -> None:
    assert quantity.check_cpu("cpu", value) == value


@pytest.mark.parametrize("value", ["0", "0m", "0.0001", "1n"])
def test_processors_that_make_no_sense(value: str) -> None:
    with pytest.raises(InvalidWorkload):
        quantity.check_cpu("cpu", value)


@pytest.mark.parametrize("value", ["64Gi", "4194304", "1.5G", "1e9"])
def test_memory(value: str) -> None:
    assert quantity.check_memory("memory", value) == value


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("64", r"'64' is 64 bytes; 64Mi or 64Gi"),
        ("512m", r"less than a byte; 512Mi or 512Gi"),
        ("0", "less than a byte"),
    ],
)
def test_a_slip_in_the_unit_of_memory_is_named(value: str, words: str) -> None:
    with pytest.raises(InvalidWorkload, match=words):
        quantity.check_memory("memory", value)


def test_half_a_byte_is_no_memory() -> None:
    with pytest.raises(InvalidWorkload, match="whole number of bytes"):
        quantity.check_memory("memory", "5000000.5")
