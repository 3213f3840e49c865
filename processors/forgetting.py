"""What analyse forgets, so that its memory does not grow for ever.

A story that comes back after it was forgotten is a first revision again, with the day it then claims. So a row goes
only when that does no harm to the store, which takes no lower revision, and to watch, which goes by the first day.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from processors.analyse import StoryMemory
from processors.table import RowTable
from riftwatch.kafka import partition as partition_of

# Watch keeps rows as long after their first day: by then it has nothing that a later revision must replace.
KEEP = timedelta(days=120)
# Stores keep stories for 731 days and look daily; ten days more, and whatever revision was there is gone.
KEEP_LONG = timedelta(days=741)
AT_ONCE = 5_000  # tombstones in one send: well under a second, and far from the time limit of a send


def forgettable(row: StoryMemory, at: datetime) -> bool:
    """Whether a first revision, told later, may stand in for what is remembered."""
    if row.fetched_at >= at - KEEP:
        return False
    # A story without a date of its own got the time of fetching: back again, it would be today's news.
    replaceable = row.revision == 1 and row.first_published < row.fetched_at
    return replaceable or row.fetched_at < at - KEEP_LONG


class Sweep:
    """Finds the rows to forget, in stream time: one pass over the table for each new UTC day."""

    def __init__(self, memory: RowTable[StoryMemory], partitions: int) -> None:
        self._memory = memory
        self._partitions = partitions
        self._day: datetime | None = None
        self._due: dict[int, list[str]] = {}

    def take(self, partition: int, at: datetime) -> list[str]:
        """Return stories of a partition to forget when its time is `at`, at most AT_ONCE; the next call has more.

        A partition whose time lags behind waits for its own day. What is taken is not told of again that day.
        """
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        if self._day is None or day > self._day:
            self._day, self._due = day, self._find(day)
        if day < self._day:
            return []
        due = self._due.pop(partition, [])
        if due[AT_ONCE:]:
            self._due[partition] = due[AT_ONCE:]
        return [story for story in due[:AT_ONCE] if self._still(story, day)]

    def _find(self, day: datetime) -> dict[int, list[str]]:
        # Rows of partitions that moved away may still lie in the table: they are for their own worker to forget.
        due: dict[int, list[str]] = {}
        for story, row in self._memory.rows():
            if forgettable(row, day):
                due.setdefault(partition_of(story.encode(), self._partitions), []).append(story)
        return due

    def _still(self, story: str, day: datetime) -> bool:
        row = self._memory.get(story)
        return row is not None and forgettable(row, day)
