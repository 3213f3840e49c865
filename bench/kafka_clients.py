"""Produce and consume through our factories and record codecs, against bare kafka-python, in one run.

    python -m bench.kafka_clients [RECORDS]

Bare is the library alone with the same delivery promises: bytes made beforehand, nothing decoded. Both take turns
on one embedded broker. Prints JSON: records a second, medians of ROUNDS,
and the ratio ours to bare.
"""

from __future__ import annotations

import itertools
import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from kafka import KafkaConsumer, KafkaProducer
from kafka.codec import gzip_encode
from kafka.record import default_records

from bench.engines import alternating, broker, ratio, skipping
from riftwatch import kafka, topics
from riftwatch.clock import monotonic, parse_time
from riftwatch.records import FeedItem, decode, encode
from riftwatch.settings import ROOT, Settings

RECORDS = 5_000
CORPUS = ROOT / "demo" / "corpus"
POLL_MS, POLLED = 1000, 500

Client = Any  # kafka-python has no types


def produced(client: Client, values: Sequence[bytes] | Sequence[FeedItem]) -> float:
    """Send everything and wait until all of it is acknowledged; return records a second."""
    started = monotonic()
    futures = [
        client.send(topics.ITEMS.name, value=value, key=b"%d" % number)
        if isinstance(value, bytes)
        else client.send(topics.ITEMS.name, value=encode(value), key=value.story_id.encode())
        for number, value in enumerate(values)
    ]
    client.flush()
    for future in futures:
        future.get(timeout=30)
    return len(values) / (monotonic() - started)


def consumed(client: Client, number: int, read: Callable[[bytes], object]) -> float:
    """Read so many records from the beginning; return records a second, joining not counted."""
    partitions = kafka.partitions_of(client, topics.ITEMS.name)
    client.assign(partitions)
    client.seek_to_beginning()
    client.poll(timeout_ms=POLL_MS, max_records=1)
    client.seek_to_beginning()
    taken, started = 0, monotonic()
    while taken < number:
        for messages in client.poll(timeout_ms=POLL_MS, max_records=POLLED).values():
            for message in messages:
                read(message.value)
            taken += len(messages)
    return taken / (monotonic() - started)


def items(number: int) -> list[FeedItem]:
    """Make items with the texts of the demo's feeds."""
    rows = [
        json.loads(line)
        for file in sorted(CORPUS.glob("*.jsonl"))
        for line in file.read_text("utf-8").splitlines()
    ]
    return [
        FeedItem(
            story_id=f"{row['id']}-{place}", content_hash=f"{place:032}", feed_id=row["outlet"],
            publisher=row["outlet"], title=row["title"], summary=row["summary"],
            published=parse_time(row["published"]), fetched_at=parse_time(row["published"]),
        )
        for place, row in enumerate(itertools.islice(itertools.cycle(rows), number))
    ]  # fmt: skip


def bench(number: int) -> dict[str, object]:
    made = items(number)
    values = [encode(item) for item in made]
    with broker() as settings:
        return {
            "records": number,
            "bytes_a_record": round(sum(map(len, values)) / number),
            "produce": ratio(alternating(lambda: _produce_ours(settings, made), lambda: _produce_bare(settings, values))),
            "consume": ratio(alternating(lambda: _consume_ours(settings, number), lambda: _consume_bare(settings, number))),
        }  # fmt: skip


def _produce_ours(settings: Settings, made: Sequence[FeedItem]) -> float:
    client = kafka.producer(settings)
    try:
        return produced(client, made)
    finally:
        client.close()


def _produce_bare(settings: Settings, values: Sequence[bytes]) -> float:
    own, default_records.gzip_encode = (
        default_records.gzip_encode,
        gzip_encode,
    )  # riftwatch.kafka has set its own
    client = KafkaProducer(
        bootstrap_servers=settings.kafka, acks="all", linger_ms=kafka.LINGER_MS, batch_size=256 * 1024,
        compression_type="gzip",
    )  # fmt: skip
    try:
        return produced(client, values)
    finally:
        client.close()
        default_records.gzip_encode = own


def _consume_ours(settings: Settings, number: int) -> float:
    client = kafka.consumer(settings, None)
    try:
        return consumed(client, number, lambda value: decode(value, FeedItem))
    finally:
        client.close()


def _consume_bare(settings: Settings, number: int) -> float:
    client = KafkaConsumer(bootstrap_servers=settings.kafka, enable_auto_commit=False)
    try:
        return consumed(client, number, len)
    finally:
        client.close()


if __name__ == "__main__":
    skipping(lambda: bench(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS))
