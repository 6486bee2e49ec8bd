"""From which address a request comes."""

from ipaddress import ip_network

import pytest

from registry.api.addresses import UNKNOWN, sender
from registry.settings import Settings

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8:1::/48"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("192.0.2.7", [], "192.0.2.7"),
        ("192.0.2.7", ["198.51.100.1"], "192.0.2.7"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 10.2.2.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1", "10.2.2.2"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["198.51.100.1, nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["10.2.2.2"], "10.2.2.2"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("2001:db8:1::1", ["2001:db8:2:3:4:5:6:7"], "2001:db8:2:3::/64"),
        ("2001:db8:2:3::1", [], "2001:db8:2:3::/64"),
        ("2001:db8:2:3:ffff::1", [], "2001:db8:2:3::/64"),
        ("fe80::1%eth0", [], "fe80::/64"),
        ("", ["198.51.100.1"], UNKNOWN),
    ],
)
def test_only_trusted_proxies_are_believed(peer: str, forwarded: list[str], expected: str) -> None:
    assert sender(peer, forwarded, PROXIES) == expected


def test_without_trusted_proxies_nobody_is_believed() -> None:
    assert sender("10.0.0.1", ["198.51.100.1"], ()) == "10.0.0.1"


def test_trusted_proxies_are_networks_with_commas_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8:1::/48")
    assert Settings().trusted_proxies == PROXIES
    monkeypatch.setenv("REGISTRY_TRUSTED_PROXIES", "10.0.0.1/8")
    with pytest.raises(ValueError, match="trusted_proxies"):
        Settings()
