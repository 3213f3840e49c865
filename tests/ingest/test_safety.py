from __future__ import annotations

import socket

import pytest

from ingest.safety import BlockedAddressError, allowance, guarded_socket, is_public
from riftwatch.errors import ConfigError

PRIVATE = [
    "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.0.8", "192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1",
    "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00::1", "ff02::1", "fec0::1", "2001:db8::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1",
    "2002:7f00:1::", "2002:a00:1::1", "2001:0:7f00:1::", "not an address", "0x7f.1", "2130706433",
]  # fmt: skip
PUBLIC = [
    "93.184.216.34",
    "8.8.8.8",
    "2606:2800:220:1::1",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_refused_in_any_wrapping(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert is_public(address)


def test_a_guarded_socket_is_made_for_public_addresses_only() -> None:
    info = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    guarded_socket((*info, ("8.8.8.8", 443))).close()
    with pytest.raises(BlockedAddressError, match=r"127\.0\.0\.1"):
        guarded_socket((*info, ("127.0.0.1", 80)))


def test_the_allowance_holds_for_the_named_hosts_and_ports() -> None:
    allows = allowance("127.0.0.1:8001, intranet.example:*, [::1]:80")
    assert allows("127.0.0.1", 8001)
    assert allows("Intranet.example", 443)
    assert allows("::1", 80)
    assert not allows("127.0.0.1", 8002)
    assert not allowance("")("127.0.0.1", 80)


@pytest.mark.parametrize("setting", ["127.0.0.1", "host:", ":80", "host:http"])
def test_a_bad_allowance_is_refused_with_what_it_takes(setting: str) -> None:
    with pytest.raises(ConfigError, match="host:port"):
        allowance(setting)
