"""Follows the topics that show how far a replay is: feed states and shifts. Commits nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from kafka import KafkaConsumer

from riftwatch import kafka
from riftwatch.errors import Reject
from riftwatch.records import FeedState, Shift, decode
from riftwatch.settings import Settings
from riftwatch.topics import FEEDS, SHIFTS

POLL_MS = 20


class Tail:
    """What the newest records say, by id."""

    def __init__(self, settings: Settings) -> None:
        self.read_at: dict[str, datetime] = {}  # feed -> when it was last polled with success
        self.shifts: dict[str, Shift] = {}
        self._consumer: KafkaConsumer = kafka.consumer(settings, None)
        topics = (FEEDS.name, SHIFTS.name)
        self._consumer.assign([one for topic in topics for one in kafka.partitions_of(self._consumer, topic)])

    def look(self) -> list[Shift]:
        """Take in what came since the last look; return the shifts among it."""
        news = []
        for topic, value in self._values():
            try:
                if topic == SHIFTS.name:
                    shift = decode(value, Shift)
                    self.shifts[shift.shift_id] = shift
                    news.append(shift)
                else:
                    state = decode(value, FeedState)
                    if state.last_success_at:
                        self.read_at[state.feed_id] = state.last_success_at
            except Reject:
                continue  # a tombstone
        return news

    def close(self) -> None:
        """Close the consumer."""
        self._consumer.close()

    def _values(self) -> Iterator[tuple[str, bytes | None]]:
        for where, records in self._consumer.poll(timeout_ms=POLL_MS).items():
            yield from ((where.topic, record.value) for record in records)
