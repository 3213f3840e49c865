"""Free ports on loopback, outside the range that outgoing connections use.

A client that reconnects in a loop to a dead server's port inside that range can be given the very same port
as its own and connect to itself; the server then never gets it back.
"""

from __future__ import annotations

import random
import socket

LOOPBACK = "127.0.0.1"
RANGE = range(20_000, 32_000)  # Linux hands out 32768 and up, macOS 49152 and up


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Tell whether a server could listen on host:port now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port of RANGE that nobody listens on, a random one so that two callers rarely meet."""
    for port in random.sample(RANGE, 200):
        if is_free(port):
            return port
    raise OSError("no free port between 20000 and 32000")
