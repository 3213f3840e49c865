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

HOURS_KEPT = 2  # a slow poll that began in the last hour still counts there
REPEAT_S = 2.0  # on a stepped clock, so that one lost with a killed process delays nothing for long


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
        self._heard: dict[datetime, Counter[str]] = {}

    def heard(self, publisher: str, now: datetime) -> Outgoing:
        """Count one successful poll and return the record that says so."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if hour not in self._heard:
            self._heard[hour] = Counter()
            self._heard = {one: self._heard[one] for one in sorted(self._heard)[-HOURS_KEPT:]}
        counted = self._heard.get(hour, Counter())
        counted[publisher] += 1
        record = Coverage(hour=hour, publisher=publisher, heard=counted[publisher])
        return Outgoing(COVERAGE, f"{hour:%Y-%m-%dT%H}|{publisher}", record)


def _canary(at: datetime, partition: int) -> Outgoing:
    story_id = f"canary-{partition}"
    record = FeedItem(
        story_id=story_id, content_hash="", feed_id="canary", publisher="", published=at, fetched_at=at, canary=True
    )  # fmt: skip
    return Outgoing(ITEMS, story_id, record, partition)
