"""Jumps of the wall clock, noticed against the monotonic one, and plans moved with them. Pure.

Plans are kept in wall-clock time because they outlive the process. When a clock is set forward, every feed would
be due at once; when it is set back, none for as long.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from riftwatch.records import FeedState

LEAST = timedelta(seconds=60)  # a slow correction of the clock is none


class Drift:
    """Compares two clocks at every look."""

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None

    def jump(self, now: datetime, at: float) -> timedelta:
        """Return by how much the wall clock was set since the last look; 0 if it just ran."""
        before, self._last = self._last, (now, at)
        if before is None:
            return timedelta()
        jump = (now - before[0]) - timedelta(seconds=at - before[1])
        return jump if abs(jump) >= LEAST else timedelta()


def moved(state: FeedState, jump: timedelta) -> FeedState:
    """Return a state whose plan keeps its distance from now although the clock jumped."""
    if state.next_poll_at is None:
        return state
    return replace(state, next_poll_at=state.next_poll_at + jump)


def from_the_future(state: FeedState, now: datetime) -> FeedState:
    """Return a state that an earlier clock dated after `now`, with its plan brought back."""
    if state.polled_at is None or state.polled_at <= now + LEAST:
        return state
    return moved(state, now - state.polled_at)
