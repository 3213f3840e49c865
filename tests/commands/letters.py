"""Small dead letters and items for tests of the commands of the night."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from kafka import KafkaProducer

from riftwatch.records import DeadLetter, FeedItem, encode
from riftwatch.topics import DEAD_LETTERS, ITEMS
from tests.sinks.fakes import FakeMessage

T0 = datetime(2025, 1, 22, 9, 0, tzinfo=UTC)


# Any: the builders take the record's own fields by name.
def letter(offset: int = 7, value: bytes | None = b"{broken", **fields: Any) -> DeadLetter:
    topic, partition = fields.get("topic", ITEMS.name), fields.get("partition", 0)
    values: dict[str, Any] = {
        "letter_id": f"{topic}-{partition}-{offset}", "topic": topic, "partition": partition, "offset": offset,
        "key": b"s1", "value": value, "stage": "analyse", "reason": "undecodable", "error": "Reject: bad",
        "failed_at": T0,
    }  # fmt: skip
    return DeadLetter(**(values | fields))


def item(story_id: str = "s1", **fields: Any) -> FeedItem:
    values: dict[str, Any] = {
        "story_id": story_id, "content_hash": "h" * 20, "feed_id": "f1", "publisher": "herald", "published": T0,
        "fetched_at": T0,
    }  # fmt: skip
    return FeedItem(**(values | fields))


def buried(*letters: DeadLetter | bytes) -> list[FakeMessage]:
    """The letters as records of their topic, a second apart."""
    return [
        FakeMessage(DEAD_LETTERS.name, number, one if isinstance(one, bytes) else encode(one),
                    timestamp=1_737_500_000_000 + 1000 * number)
        for number, one in enumerate(letters)
    ]  # fmt: skip


def send(client: KafkaProducer, topic: str, value: bytes, key: str, partition: int | None = None) -> int:
    """Send one record and return its offset."""
    offset: int = (
        client.send(topic, key=key.encode(), value=value, partition=partition).get(timeout=20).offset
    )
    return offset
