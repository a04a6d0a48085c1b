import pytest

from labpass_server.model import network


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::1", "::/64"),
        ("unknown", "unknown"),
        ("", "unknown"),
    ],
)
def test_what_an_address_is_counted_by(text: str, counted: str) -> None:
    assert network.of(text) == counted


@pytest.mark.parametrize(
    ("one", "other", "are_near"),
    [
        ("192.0.2.7", "192.0.2.99", True),
        ("192.0.2.7", "::ffff:192.0.2.99", True),
        ("93.184.216.34", "93.184.216.99", True),
        ("93.184.216.34", "93.184.217.34", False),
        ("10.0.0.1", "172.16.9.9", True),
        ("10.0.0.1", "93.184.216.34", False),
        ("2a00:1450:1:2::1", "2a00:1450:1:2:9::", True),
        ("2a00:1450:1:2::1", "2a00:1450:1:3::1", False),
        ("2a00:1450:1:2::1", "93.184.216.34", False),
        ("unknown", "unknown", False),
    ],
)
def test_which_addresses_are_near(one: str, other: str, are_near: bool) -> None:  # noqa: FBT001
    assert network.are_near(one, other) is are_near
    assert network.are_near(other, one) is are_near
