"""Politeness: how soon the next request to a registrable domain may start.

Two hundred feeds on one host are one neighbour. The gap grows with the host's own slowness.
"""

from __future__ import annotations

from collections import Counter

PARALLEL = 2  # requests under way to one domain
SMOOTHING = 0.25  # of the moving average of answer times
SLOW_FACTOR = 2.0  # a host that takes 10 s to answer is asked every 20 s at most


class Pace:
    """Keeps starts to one domain apart. Times are monotonic seconds; a gap of 0 turns politeness off.

    Pollers that share the feeds do not hear of one another's requests: each keeps a gap as many times longer as
    its share of the feeds is smaller, so that all of them together ask a domain no more often than one would.
    """

    def __init__(self, gap_s: float) -> None:
        self._gap_s = gap_s
        self._pollers = 1.0
        self._free_at: dict[str, float] = {}
        self._answer_s: dict[str, float] = {}
        self._under_way: Counter[str] = Counter()

    def may_start(self, domain: str, at: float) -> bool:
        """Return whether a request to the domain may start now."""
        if self._gap_s <= 0:
            return True
        return self._under_way[domain] < PARALLEL and at >= self._free_at.get(domain, 0.0)

    def share(self, ours: int, parts: int) -> None:
        """Note that this process polls `ours` of so many parts of the feeds."""
        self._pollers = parts / ours if ours else 1.0

    def started(self, domain: str, at: float) -> None:
        """Note a start."""
        self._under_way[domain] += 1
        gap_s = max(self._gap_s, SLOW_FACTOR * self._answer_s.get(domain, 0.0))
        self._free_at[domain] = at + gap_s * self._pollers

    def ended(self, domain: str, took_s: float) -> None:
        """Note an end and how long the answer took."""
        self._under_way[domain] -= 1
        known = self._answer_s.get(domain, took_s)
        self._answer_s[domain] = known + SMOOTHING * (took_s - known)
