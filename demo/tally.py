"""Counts what a run produced. Deliveries that Kafka repeated after a kill count once."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from riftwatch import kafka
from riftwatch.errors import Reject
from riftwatch.records import FeedItem, Reading, decode, decode_reading
from riftwatch.settings import Settings
from riftwatch.topics import ITEMS, READINGS, Topic
from stores.base import Store

ANSWER_MS = 1000


class Tally(msgspec.Struct, frozen=True, kw_only=True):
    """How much of each kind there is at the end."""

    items: int  # revisions of entries that the poller read
    stories: int
    readings: int  # what a revision of a story says of a subject
    evidence: int
    series: int  # days of subjects
    shifts: int
    mails: int
    dead_letters: int


def count(settings: Settings, store: Store, mails: int) -> Tally:
    """Count what the topics and the store hold."""
    stored = store.counts()
    items = {_item(value) for value in values(settings, ITEMS)} - {None}
    readings = {_reading(value) for value in values(settings, READINGS)} - {None}
    return Tally(
        items=len(items),
        stories=stored["story"],
        readings=len(readings),
        evidence=stored["evidence"],
        series=stored["seriespoint"],
        shifts=stored["shift"],
        mails=mails,
        dead_letters=stored["deadletter"],
    )


def values(settings: Settings, topic: Topic) -> Iterator[bytes | None]:
    """Yield every value the topic holds now."""
    consumer = kafka.consumer(settings, None)
    try:
        places = kafka.partitions_of(consumer, topic.name)
        consumer.assign(places)
        ends = consumer.end_offsets(places)
        while any(consumer.position(place) < ends[place] for place in places):
            for records in consumer.poll(timeout_ms=ANSWER_MS).values():
                yield from (record.value for record in records)
    finally:
        consumer.close()


def _item(value: bytes | None) -> tuple[str, str, str] | None:
    try:
        item = decode(value, FeedItem)
    except Reject:
        return None
    return None if item.canary else (item.story_id, item.content_hash, item.status)


def _reading(value: bytes | None) -> tuple[str, str, int] | None:
    try:
        reading = decode_reading(value)
    except Reject:
        return None
    return (reading.subject, reading.story_id, reading.revision) if isinstance(reading, Reading) else None
