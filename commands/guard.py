"""The guard: ends what a killed supervisor leaves behind.

Runs as a small process of its own, started by path, so that it loads none of our packages. It reads `+pid`
and `-pid` lines from standard input; when that closes, however its parent ended, it ends the process groups
still listed: SIGTERM first, SIGKILL after GRACE_S.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable

GRACE_S = 5.0


def listed(lines: Iterable[str]) -> list[int]:
    """Return the process groups that were added and not removed."""
    groups: dict[int, None] = {}
    for line in lines:
        if line.startswith("+"):
            groups[int(line[1:])] = None
        else:
            groups.pop(int(line[1:]), None)
    return list(groups)


def alive(group: int) -> bool:
    """Tell whether a process of the group is left."""
    try:
        os.killpg(group, 0)
    except OSError:
        return False
    return True


def signal_all(groups: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to every group that is still there."""
    for group in groups:
        with contextlib.suppress(OSError):
            os.killpg(group, number)


def end(groups: list[int], grace_s: float) -> None:
    """End the groups: politely, then not. Returns when none is left or after the grace."""
    signal_all(groups, signal.SIGTERM)
    until = time.monotonic() + grace_s
    while any(map(alive, groups)) and time.monotonic() < until:
        time.sleep(0.05)
    signal_all(groups, signal.SIGKILL)


if __name__ == "__main__":
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)
    end(listed(sys.stdin), GRACE_S)
