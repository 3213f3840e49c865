"""One batch of the search sink: gathered, taken apart, and what became of each record so far.

    gather ─▶ sort ─▶ Sorted: what is still to be stored ─▶ settle, until nothing is ─▶ what is dead

Stores nothing and commits nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from kafka import TopicPartition

from riftwatch.clock import monotonic
from riftwatch.errors import ConfigError, Reject
from riftwatch.letters import Received
from riftwatch.records import FeedState, SeriesPoint, Story, decode
from riftwatch.settings import Settings
from riftwatch.topics import (
    COVERAGE,
    DEAD_LETTERS,
    DECISIONS,
    EVIDENCE,
    FEEDS,
    SERIES,
    SHIFTS,
    STORIES,
    Topic,
)
from sinks.consuming import Consumer, Stop
from stores.base import Outcome, Stored, Written

TOPICS = (STORIES, EVIDENCE, SERIES, SHIFTS, FEEDS, COVERAGE, DECISIONS, DEAD_LETTERS)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
POLL_MS = 500  # a poll returns as soon as there is a record; this is how often an idle sink looks around


@dataclass(frozen=True, slots=True)
class Limits:
    """When a batch is full: so many records, so many bytes, or its first record waiting for so long."""

    records: int = 500
    size: int = 8 << 20
    age_s: float = 0.0


def limits_of(settings: Settings) -> Limits:
    """Return the limits that the settings name; raises ConfigError."""
    limits = Limits(settings.sink_batch, settings.sink_batch_bytes, settings.sink_batch_age_s)
    if limits.records < 1 or limits.size < 1 or limits.age_s < 0:
        raise ConfigError("sink_batch and sink_batch_bytes must be at least 1, sink_batch_age_s at least 0")
    return limits


def gather(consumer: Consumer, limits: Limits, stop: Stop) -> dict[TopicPartition, list[Received]]:
    """Take records until the batch is full; nothing when none come within POLL_MS."""
    batch: dict[TopicPartition, list[Received]] = consumer.poll(POLL_MS, limits.records)
    until = monotonic() + limits.age_s
    while (
        batch and (left_s := until - monotonic()) > 0 and (room := _room(batch, limits)) and not stop.wanted
    ):
        for partition, messages in consumer.poll(int(left_s * 1000), room).items():
            batch.setdefault(partition, []).extend(messages)
    return batch


def _room(batch: Mapping[TopicPartition, Sequence[Received]], limits: Limits) -> int:
    """Return how many records more the batch takes."""
    size = sum(len(message.value or b"") for messages in batch.values() for message in messages)
    number = sum(map(len, batch.values()))
    return max(0, limits.records - number) if size < limits.size else 0


@dataclass(slots=True)
class Sorted:
    """A batch, taken apart: what to store (with the message it came in), what is bad, what is empty."""

    good: list[tuple[Received, Stored]] = field(default_factory=list)
    bad: list[tuple[Received, Exception]] = field(default_factory=list)
    empty: int = 0  # tombstones: Kafka's own deletions, the store keeps by its own retention
    written: dict[int, Written] = field(
        default_factory=dict
    )  # place in good -> its outcome, once it is known

    @property
    def records(self) -> list[Stored]:
        """What there was to store, in order."""
        return [record for _, record in self.good]

    @property
    def waiting(self) -> list[int]:
        """The places of the records that are neither stored nor rejected yet."""
        return [place for place in range(len(self.good)) if place not in self.written]

    def settle(self, places: Sequence[int], outcomes: Sequence[Written | None]) -> None:
        """Note what became of some records; None: nothing yet."""
        for place, outcome in zip(places, outcomes, strict=True):
            if outcome is not None:
                self.written[place] = outcome

    def dead(self) -> list[tuple[Received, Exception]]:
        """Return what can never be stored, with the reason."""
        rejected = [
            (self.good[place][0], Reject("not_storable", outcome.reason))
            for place, outcome in sorted(self.written.items())
            if outcome.outcome is Outcome.REJECTED
        ]
        return self.bad + rejected


def sort(messages: Iterable[Received]) -> Sorted:
    """Take a batch apart. Pure; keeps the order."""
    result = Sorted()
    for message in messages:
        if message.value is None:
            result.empty += 1
            continue
        try:
            kind = BY_NAME[message.topic].record
            assert kind is not None
            record = decode(message.value, kind)
        except Reject as error:
            result.bad.append((message, error))
        else:
            result.good.append((message, record))  # type: ignore[arg-type]  # every kind in TOPICS is Stored
    return result


def newest(records: Iterable[Stored]) -> datetime | None:
    """Return the newest time that the records carry from the poller: how far this stage has come."""
    times = [record.fetched_at for record in records if isinstance(record, Story)]
    times += [record.polled_at for record in records if isinstance(record, FeedState) and record.polled_at]
    times += [record.newest_fetched_at for record in records if isinstance(record, SeriesPoint)]
    return max(times, default=None)
