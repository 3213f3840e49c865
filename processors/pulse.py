"""Ends a worker that stood still for so long that its partitions have gone to others.

A frozen process (SIGSTOP, a paused machine, no processor time) wakes up in the middle of a batch and believes that the
partitions are still its own. What it sent then would be older than what the new owner has written meanwhile, and in
a changelog the last record of a key is the one that counts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NoReturn

from riftwatch.clock import monotonic

BEAT_S = 1.0


class Pulse:
    """Notices at each beat how long ago the last one was; `die` must not return."""

    def __init__(
        self, limit_s: float, die: Callable[[str], NoReturn], now: Callable[[], float] = monotonic
    ) -> None:
        self._limit_s = limit_s
        self._die = die
        self._now = now
        self._last: float | None = None

    def beat(self) -> None:
        """Note that the event loop turns; call it before anything is sent as well."""
        now, last = self._now(), self._last
        if last is not None and now - last > self._limit_s:
            self._die(f"it stood still for {now - last:.0f} s, and others have its partitions by now")
        self._last = now

    async def run(self) -> None:
        """Beat for ever."""
        while True:
            self.beat()
            await asyncio.sleep(BEAT_S)
