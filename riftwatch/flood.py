"""The limit on dead letters: a stage that rejects too much is itself the fault, and stops.

Without it a bad deploy would drain a topic into the dead letters. Counts only; whoever counts does the stopping.
"""

from __future__ import annotations

from collections import deque

from riftwatch.errors import UserError

WATCHED = 1000  # records over which dead letters are counted
MOST_DEAD = 50  # of those, 5 %; more means that we are wrong, not the records


class TooManyDead(UserError):
    """A stage that rejects this much is itself the fault."""


class Flood:
    """Counts the dead among the last WATCHED records of one stage."""

    def __init__(self, not_done: str) -> None:
        self._not_done = not_done  # what became of the dead: "stored"
        self._recent: deque[bool] = deque(maxlen=WATCHED)

    def count(self, *, good: int, dead: int) -> None:
        """Take note of a batch; raises TooManyDead."""
        self._recent.extend([False] * good + [True] * dead)
        if sum(self._recent) > MOST_DEAD:
            raise TooManyDead(
                f"more than {MOST_DEAD} of the last {len(self._recent)} records could not be {self._not_done}: stopped "
                "before all of them become dead letters; the operations page of the desk shows them."
            )
