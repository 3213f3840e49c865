"""Plays readings through a watcher in event time, as the stream would have seen them, hour by hour."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from processors.watch import Watcher
from riftwatch.records import Reading, Shift

HOUR = timedelta(hours=1)
HOUR_S = 3600
AFTER = timedelta(days=30)  # in which a shift that is open can still settle


def replay(readings: Iterable[Reading], watcher: Watcher) -> Iterator[Shift]:
    """Yield a shift each time its state changed, in the order of the reports.

    A reading is heard when it was fetched. Hours in which nothing can change are left out; the last tick comes
    30 days after the last reading.
    """
    waiting = deque(sorted(readings, key=lambda heard: (heard.fetched_at, heard.subject, heard.story_id)))
    if not waiting:
        return
    at, end = _hour_after(waiting[0].fetched_at), _hour_after(waiting[-1].fetched_at + AFTER)
    states: dict[str, str] = {}
    while at <= end:
        while waiting and waiting[0].fetched_at <= at:
            watcher.absorb(waiting.popleft())
        for shift in watcher.tick(at).shifts:
            if states.get(shift.shift_id) != shift.state:
                states[shift.shift_id] = shift.state
                yield shift
        at = _next(at, end, waiting, watcher)


def _next(at: datetime, end: datetime, waiting: deque[Reading], watcher: Watcher) -> datetime:
    """Return the next hour at which anything can change, the end if there is none before it."""
    hours = [end] if at < end else []
    if waiting:
        hours.append(_hour_after(waiting[0].fetched_at))
    due = watcher.due()
    if due is not None:
        hours.append(due)
    return max(at + HOUR, min(hours, default=at))


def _hour_after(moment: datetime) -> datetime:
    """Return the first full hour that is not before a moment."""
    return datetime.fromtimestamp(-(-moment.timestamp() // HOUR_S) * HOUR_S, UTC)
