"""Steps the clock: each step waits until the whole system has taken in what the step brought.

    feeds change ─▶ clock to T ─▶ every feed polled ─▶ watch has passed the canaries of T ─▶ mail has caught up

On a stepped clock the poller sends the canaries of T only when every feed has been polled at T, into every
partition, behind the last item. When watch has passed them, it has seen every item. So a killed process delays
a run and never alters it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from riftwatch.clock import iso, step_clock
from riftwatch.errors import StateError

STALL_S = 60.0  # a killed worker is back within 15 s, its partitions included


class Signals(Protocol):
    """What can be seen of the system from outside. Each answers with what is missing, or with nothing."""

    def unpolled(self, moment: datetime) -> str:
        """Say which feeds have not been polled with success since `moment`."""

    def unwatched(self, moment: datetime) -> str:
        """Say that watch has not yet passed the canaries of `moment`."""

    def unmailed(self) -> str:
        """Say that the mail sink has shifts to read or mails to send."""

    def unstored(self) -> str:
        """Say that the search sink has records to write."""


class Feeds(Protocol):
    """The feed server."""

    moment: datetime


class Stepper:
    """Replays moments one after the other.

    `pause` is called while waiting, with the words for what is awaited; it sleeps for a moment and may raise
    to end the run. `seconds` is a monotonic clock.
    """

    def __init__(
        self, clock: Path, feeds: Feeds, signals: Signals, *, pause: Callable[[str], None],
        seconds: Callable[[], float], stall_s: float = STALL_S,
    ) -> None:  # fmt: skip
        self._clock = clock
        self._feeds = feeds
        self._signals = signals
        self._pause = pause
        self._seconds = seconds
        self._stall_s = stall_s

    def step(self, moment: datetime) -> None:
        """Move to a moment and wait until watch and mail have caught up; raises StateError when they do not."""
        self._feeds.moment = moment
        step_clock(self._clock, moment)
        self._wait(lambda: self._signals.unpolled(moment), moment)
        self._wait(lambda: self._signals.unwatched(moment), moment)
        self._wait(self._signals.unmailed, moment)

    def finish(self, moments: Sequence[datetime]) -> None:
        """Wait until everything is stored."""
        self._wait(self._signals.unstored, moments[-1])

    def _wait(self, missing: Callable[[], str], moment: datetime) -> None:
        waiting, since = missing(), self._seconds()
        while waiting:
            if self._seconds() - since > self._stall_s:
                raise StateError(
                    f"the replay stood still for {self._stall_s:.0f} s at {iso(moment)}, waiting for {waiting}."
                )
            self._pause(waiting)
            known, waiting = waiting, missing()
            if waiting != known:
                since = self._seconds()
