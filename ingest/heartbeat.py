"""Canaries and coverage: what the poller says about itself.

A canary is time on its way through the pipeline. One that carries `at` promises that every item fetched before `at`
from the feeds of the partitions it speaks for is in Kafka. Coverage says who was heard in an hour.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from msgspec.structs import replace

from ingest.produce import Outgoing
from riftwatch.records import Coverage, FeedItem, FeedState
from riftwatch.topics import COVERAGE, ITEMS

REPEAT_S = 2.0  # on a stepped clock, so that one lost with a killed process delays nothing for long


def canaries(
    at: datetime, partitions: int, speaks_for: Iterable[int], feed_partitions: int
) -> list[Outgoing]:
    """Return one canary for each partition of the items topic, about those partitions of the feeds topic."""
    told = tuple(sorted(speaks_for))
    return [_canary(at, number, told, feed_partitions) for number in range(partitions)]


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


def counted(state: FeedState, now: datetime) -> FeedState:
    """Return the state of a feed that was heard at `now`, with its polls of the hour counted."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    before = state.heard if state.heard_hour == hour else 0
    return replace(state, heard_hour=hour, heard=before + 1)


def coverage(state: FeedState) -> Outgoing:
    """Return the record that says how often a feed's publisher was heard through it in the hour.

    Stores keep the highest count of a publisher's feeds, so pollers need not know of one another.
    """
    assert state.heard_hour is not None
    record = Coverage(hour=state.heard_hour, publisher=state.publisher, heard=state.heard)
    return Outgoing(COVERAGE, f"{state.heard_hour:%Y-%m-%dT%H}|{state.publisher}|{state.feed_id}", record)


def _canary(at: datetime, partition: int, speaks_for: tuple[int, ...], feed_partitions: int) -> Outgoing:
    story_id = f"canary-{partition}"
    record = FeedItem(
        story_id=story_id, content_hash="", feed_id="canary", publisher="", published=at, fetched_at=at, canary=True,
        speaks_for=speaks_for, feed_partitions=feed_partitions,
    )  # fmt: skip
    return Outgoing(ITEMS, story_id, record, partition)
