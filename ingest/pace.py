"""Token buckets: how soon the next request to a neighbour may start, and how many may be under way.

A neighbour is a registrable domain or an IP address. Times are monotonic seconds. The gap grows with the
neighbour's own slowness, and doubles each time it says that it is asked too often.
"""

from __future__ import annotations

from dataclasses import dataclass

SMOOTHING = 0.25  # of the moving average of answer times
SLOW_FACTOR = 2.0  # a host that takes 10 s to answer is asked every 20 s at most
SLOWEST = 16.0  # times its gap, for a neighbour that keeps saying "too many"
RECOVERY = 0.75  # of the slowdown is left after a good answer


@dataclass(slots=True)
class Bucket:
    """Holds `capacity` tokens, one more every `gap_s`; a gap of 0 turns it off."""

    gap_s: float
    capacity: int = 1
    parallel: int = 2
    _spent_until: float = float("-inf")  # when every token spent so far has come back
    _under_way: int = 0
    _answer_s: float | None = None
    _slowdown: float = 1.0

    def may_start(self, at: float) -> bool:
        """Return whether a token is there and one more may be under way."""
        if self.gap_s <= 0:
            return True
        return self._under_way < self.parallel and at >= self._spent_until - (self.capacity - 1) * self.pace_s

    def started(self, at: float, pollers: float = 1.0) -> None:
        """Take a token; it comes back later when other pollers draw from buckets of their own."""
        self._under_way += 1
        self._spent_until = max(self._spent_until, at) + self.pace_s * pollers

    def ended(self, took_s: float, *, refused: bool = False) -> None:
        """Note how long an answer took, and whether it was a plea to ask less often."""
        self._under_way -= 1
        known = took_s if self._answer_s is None else self._answer_s
        self._answer_s = known + SMOOTHING * (took_s - known)
        slower = min(SLOWEST, self._slowdown * 2)
        self._slowdown = slower if refused else max(1.0, self._slowdown * RECOVERY)

    @property
    def pace_s(self) -> float:
        """The seconds after which a token comes back, as things stand."""
        slow = SLOW_FACTOR * (self._answer_s or 0.0) if self.capacity == 1 else 0.0
        return max(self.gap_s, slow) * self._slowdown
