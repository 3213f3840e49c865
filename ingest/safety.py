"""Which addresses may be connected to. Checked on the connected address, on every hop.

A check of the URL alone loses to redirects, to DNS answers that change, and to exotic spellings of numbers.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from riftwatch.errors import ConfigError

_NAT64 = IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_COMPATIBLE = IPv6Network("::/96")
# CPython calls these global, or did in a version that we run on.
_REFUSED_4 = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "100.64.0.0/10", "198.18.0.0/15")))
_REFUSED_6 = (_NAT64_LOCAL, IPv6Network("fec0::/10"), IPv6Network("2001:db8::/32"))
AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]


class BlockedAddressError(OSError):
    """The connection would go to an address that is not public."""


def is_public(address: str) -> bool:
    """Return whether an IP address is a public one, whatever form it is wrapped in."""
    try:
        ip = ip_address(address.split("%", maxsplit=1)[0])
    except ValueError:
        return False
    inner = _unwrap(ip) if isinstance(ip, IPv6Address) else ip
    if inner is None:
        return False
    refused = _REFUSED_4 if isinstance(inner, IPv4Address) else _REFUSED_6
    return inner.is_global and not inner.is_multicast and not any(inner in network for network in refused)


_noted: ContextVar[list[str] | None] = ContextVar("addresses of the request under way", default=None)


def start_noting() -> list[str]:
    """Return a list that the addresses join to which this task opens sockets from now on."""
    addresses: list[str] = []
    _noted.set(addresses)
    return addresses


def guarded_socket(info: AddressInfo) -> socket.socket:
    """Return a socket for a public address; raises BlockedAddressError for any other (aiohttp calls it)."""
    address = str(info[4][0])
    if not is_public(address):
        raise BlockedAddressError(f"{address} is not a public address")
    return open_socket(info)


def open_socket(info: AddressInfo) -> socket.socket:
    """Return a socket for any address."""
    addresses = _noted.get()
    if addresses is not None:
        addresses.append(str(info[4][0]))
    made = socket.socket(info[0], info[1], info[2])
    made.setblocking(False)
    return made


def allowance(setting: str) -> Callable[[str, int], bool]:
    """Return a test for host and port from `poll_allow_private` ("host:port,host:*"); raises ConfigError."""
    allowed = set()
    for part in filter(None, (piece.strip().lower() for piece in setting.split(","))):
        host, _, port = part.rpartition(":")
        if not host or not (port == "*" or port.isdigit()):
            raise ConfigError(f'poll_allow_private takes host:port or host:*, not "{part}"')
        allowed.add((host.strip("[]"), port))

    def allows(host: str, port: int) -> bool:
        return bool({(host.lower(), str(port)), (host.lower(), "*")} & allowed)

    return allows


def _unwrap(ip: IPv6Address) -> IPv4Address | IPv6Address | None:
    """Return the IPv4 address inside an IPv6 one; None if there are several and one is not public."""
    if ip.teredo:
        server, client = ip.teredo
        return client if is_public(str(server)) else None
    inner = ip.ipv4_mapped or ip.sixtofour
    if inner is None and (ip in _NAT64 or (ip in _COMPATIBLE and int(ip) > 1)):
        inner = IPv4Address(int(ip) & 0xFFFFFFFF)
    return inner or ip
