"""Canaries and coverage: what the poller says about itself.

A canary is time on its way through the pipeline. One that carries `at` promises that every item this poller
fetched before `at` is in Kafka.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from ingest.produce import Outgoing
from riftwatch.records import Coverage, FeedItem
from riftwatch.topics import COVERAGE, ITEMS

REPEAT_S = 2.0  # on a stepped clock, so that one lost with a killed process delays nothing for long
HOURS_KEPT = 3


def canaries(at: datetime, partitions: int) -> list[Outgoing]:
    """Return one canary for each partition of the items topic."""
    return [_canary(at, number) for number in range(partitions)]


class CanaryClock:
    """Decides when the next canaries are due."""

    def __init__(self, every_s: float, *, stepped: bool) -> None:
        self._every_s = every_s
        self._stepped = stepped
        self._last_at: datetime | None = None
        self._sent = 0.0

    def is_due(self, at: datetime, monotonic: float) -> bool:
        """Return whether canaries that carry `at` are due now."""
        if self._last_at is None or (at - self._last_at).total_seconds() >= self._every_s:
            return True
        moved = at > self._last_at
        return self._stepped and (moved or monotonic - self._sent >= REPEAT_S)

    def sent(self, at: datetime, monotonic: float) -> None:
        """Note that canaries were acknowledged."""
        self._last_at, self._sent = at, monotonic


class CoverageCount:
    """Counts successful polls by hour and publisher."""

    def __init__(self) -> None:
        self._heard: Counter[tuple[datetime, str]] = Counter()

    def heard(self, publisher: str, now: datetime) -> Outgoing:
        """Count one successful poll and return the record that says so."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        self._heard[hour, publisher] += 1
        self._forget()
        record = Coverage(hour=hour, publisher=publisher, heard=self._heard[hour, publisher])
        return Outgoing(COVERAGE, f"{hour:%Y-%m-%dT%H}|{publisher}", record)

    def _forget(self) -> None:
        hours = sorted({hour for hour, _ in self._heard})
        for key in [key for key in self._heard if key[0] in hours[:-HOURS_KEPT]]:
            del self._heard[key]


def _canary(at: datetime, partition: int) -> Outgoing:
    story_id = f"canary-{partition}"
    record = FeedItem(
        story_id=story_id, content_hash="", feed_id="canary", publisher="", published=at, fetched_at=at, canary=True
    )  # fmt: skip
    return Outgoing(ITEMS, story_id, record, partition)
