"""Kubernetes quantities: `500m`, `1.5`, `64Gi`, `1e3`."""

import re
from fractions import Fraction
from typing import Final

from labpass.workloads.kinds.invalid import InvalidWorkload

_QUANTITY = re.compile(
    r"(?P<number>\d{1,18}(\.\d{0,9})?|\.\d{1,9})"
    r"(?P<suffix>[numkMGTPE]|[KMGTPE]i|[eE][+-]?\d{1,2})?",
    re.ASCII,
)
_DECIMAL: Final = {
    "n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18,
}  # fmt: skip
_BINARY: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_FINEST_CPU: Final = Fraction(1, 1000)
_SMALLEST_MEMORY: Final = 4 * 1024 * 1024


def parse(field: str, value: str) -> Fraction:
    """Return the exact amount; never negative, since nothing a person asks for is."""
    match = _QUANTITY.fullmatch(value.strip())
    if match is None:
        raise InvalidWorkload(field, f"{value!r} is no quantity, such as 500m, 2 or 64Gi")
    return Fraction(match["number"]) * _factor(match["suffix"] or "")


def check_cpu(field: str, value: str) -> str:
    """Return ``value`` if it is an amount of processors: more than none, no finer than 1m."""
    amount = parse(field, value)
    if amount <= 0:
        raise InvalidWorkload(field, f"{value!r} asks for no processor at all")
    if amount % _FINEST_CPU:
        raise InvalidWorkload(field, f"{value!r} is finer than a thousandth of a processor (1m)")
    return value.strip()


def check_memory(field: str, value: str) -> str:
    """Return ``value`` if it is an amount of memory that a container can start in.

    A bare number is bytes and ``m`` thousandths of one: 64 and 512m are slips, not wishes.
    """
    amount = parse(field, value)
    if amount < _SMALLEST_MEMORY:
        number = value.strip().rstrip("numkKMGTPEi")
        raise InvalidWorkload(
            field, f"{value!r} is {_bytes(amount)}; {number}Mi or {number}Gi was probably meant"
        )
    if amount % 1:
        raise InvalidWorkload(field, f"{value!r} is no whole number of bytes")
    return value.strip()


def _factor(suffix: str) -> Fraction:
    if suffix in _BINARY:
        return Fraction(2 ** _BINARY[suffix])
    if suffix in _DECIMAL:
        return Fraction(10) ** _DECIMAL[suffix]
    return Fraction(10) ** int(suffix[1:])


def _bytes(amount: Fraction) -> str:
    return "less than a byte" if amount < 1 else f"{int(amount)} bytes"
