"""Whether feeds may be fetched while the broker does not take what is sent. Pure; times are monotonic seconds.

Without it every failed send would have its feed fetched again from the start, whole, for as long as the broker is
away.
"""

from __future__ import annotations

FIRST_PAUSE_S = 2.0
LONGEST_PAUSE_S = 60.0


class Standstill:
    """Begins with a refused send, ends with an acknowledged one; in between one send at a time is tried."""

    def __init__(self) -> None:
        self._refusals = 0
        self._again = 0.0

    @property
    def holds(self) -> bool:
        """Whether the last send that ended was refused."""
        return self._refusals > 0

    def refused(self, at: float) -> None:
        """Note a refused send; those that were under way together count once."""
        if self.holds and at < self._again:
            return
        self._refusals += 1
        self._again = at + min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._refusals - 1, 10))

    def acknowledged(self) -> None:
        """Note an acknowledged send."""
        self._refusals = 0

    def may_try(self, at: float) -> bool:
        """Whether it is time to find out if the broker is back."""
        return self.holds and at >= self._again

    def room(self, at: float, most: int, *, canary: bool) -> int:
        """Return how many feeds may be under way: one as a trial where no canary can find out."""
        if not self.holds:
            return most
        return 1 if self.may_try(at) and not canary else 0
