"""Networks: which addresses count as one, and which are near each other. Pure."""

import ipaddress
from typing import Final, TypeAlias

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

UNKNOWN: Final = "unknown"
_OF_ONE_HOLDER: Final = 64  # whoever has one IPv6 address has 2**64 of them
_NEIGHBOURS: Final = 24


def address(text: str) -> Address | None:
    """Return the address as its owner has it, or ``None`` for what is none.

    A socket that serves both families shows IPv4 inside IPv6 (``::ffff:192.0.2.7``); taken for
    IPv6, all of IPv4 would be one network.
    """
    try:
        parsed = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(parsed, ipaddress.IPv6Address):
        return parsed.ipv4_mapped or parsed
    return parsed


def of(text: str) -> str:
    """Return what an address is counted by: itself, or its /64."""
    found = address(text)
    if found is None:
        return UNKNOWN
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(_around(found, _OF_ONE_HOLDER))


def are_near(one: str, other: str) -> bool:
    """Tell whether two addresses are, for all we see, in the same place.

    Two private ones are: both reach us from within. Else the same /24, or the same /64.
    """
    first, second = address(one), address(other)
    if first is None or second is None or first.version != second.version:
        return False
    if first.is_private and second.is_private:
        return True
    length = _NEIGHBOURS if first.version == 4 else _OF_ONE_HOLDER  # noqa: PLR2004 -- IPv4
    return _around(first, length) == _around(second, length)


def _around(found: Address, length: int) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    if isinstance(found, ipaddress.IPv4Address):
        return ipaddress.IPv4Network((int(found), length), strict=False)
    return ipaddress.IPv6Network((int(found), length), strict=False)
