"""Reads one number from a process's /metrics page; a process that does not answer has none."""

from __future__ import annotations

import http.client
import re

HOST = "127.0.0.1"
ANSWER_S = 5.0


def read(port: int, name: str, labels: str = "") -> float | None:
    """Return the gauge `name{labels}` of the process listening on a port of loopback, or None."""
    if not port:
        return None
    connection = http.client.HTTPConnection(HOST, port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/metrics")
        return find(connection.getresponse().read().decode("utf-8", "replace"), name, labels)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def find(page: str, name: str, labels: str = "") -> float | None:
    """Return a gauge's value from the text of a /metrics page, or None."""
    start = re.escape(f"{name}{{{labels}}}" if labels else name)
    match = re.search(rf"^{start} (\S+)$", page, re.MULTILINE)
    return float(match[1]) if match else None
