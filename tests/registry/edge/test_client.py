"""Who counts as one client."""

import pytest

from registry.edge.client import NOBODY, client_of, current_client
from registry.edge.printable import printable


@pytest.mark.parametrize(
    ("address", "client"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("unknown", "unknown"),
        ("x" * 1000, "x" * 100),
        ("", ""),
    ],
)
def test_a_client_is_an_address_or_a_network_of_64_bits(address: str, client: str) -> None:
    assert client_of(address) == client


def test_outside_a_request_nobody_is_served() -> None:
    assert current_client() == NOBODY


def test_control_characters_are_shown_as_escapes() -> None:
    assert printable("é 名 \x1b\n\u202e\ud800") == "é 名 \\x1b\\n\\u202e\\ud800"
