"""Reading a topic from its oldest record to where it ends now. Joins no group, commits nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from datetime import datetime

import click
from kafka import KafkaConsumer, TopicPartition

from riftwatch.clock import monotonic
from riftwatch.errors import UserError
from riftwatch.kafka import answering, bootstrap, consumer, partition, partitions_of
from riftwatch.letters import Received
from riftwatch.settings import Settings

POLL_MS = 500
SILENT_S = 30.0  # nothing in all that time, although there is more: the broker is gone
PROGRESS_EVERY = 20_000  # records, about a second


def scan(
    settings: Settings, topic: str, *, start: Mapping[int, int] | None = None, key: bytes | None = None
) -> Iterator[Received]:
    """Yield the records that the topic holds now, each partition in order.

    `start` is the first offset wanted of each partition; with a `key` only the partition it belongs to is read.
    Raises UserError when the topic is missing or the broker stops answering.
    """
    with closing(consumer(settings, None)) as client:
        with answering(bootstrap(settings)):
            where = partitions_of(client, topic)
            if key is not None:
                where = [where[partition(key, len(where))]]
            oldest, ends = client.beginning_offsets(where), client.end_offsets(where)
            client.assign(where)
            for one in where:
                client.seek(one, max(oldest[one], (start or {}).get(one.partition, 0)))
        yield from _counted(_records(client, ends), topic)


def offsets_since(settings: Settings, topic: str, moment: datetime) -> dict[int, int]:
    """Return, for each partition, the first offset that Kafka stamped at or after the moment."""
    with closing(consumer(settings, None)) as client, answering(bootstrap(settings)):
        where = partitions_of(client, topic)
        stamp = max(0, int(moment.timestamp() * 1000))
        found = client.offsets_for_times(dict.fromkeys(where, stamp))
        ends = client.end_offsets(where)
    return {one.partition: found[one].offset if found.get(one) else ends[one] for one in where}


def _records(client: KafkaConsumer, ends: Mapping[TopicPartition, int]) -> Iterator[Received]:
    heard = monotonic()
    while any(client.position(one) < end for one, end in ends.items()):
        batch = client.poll(timeout_ms=POLL_MS)
        if batch:
            heard = monotonic()
        elif monotonic() - heard > SILENT_S:
            raise UserError(f"Kafka has said nothing for {SILENT_S:.0f} s: see whether the broker runs.")
        for where, records in batch.items():
            yield from (record for record in records if record.offset < ends[where])


def _counted(records: Iterable[Received], topic: str) -> Iterator[Received]:
    """Count on standard error while a person watches."""
    watched, number = sys.stderr.isatty(), 0
    for number, record in enumerate(records, 1):
        if watched and number % PROGRESS_EVERY == 0:
            click.echo(f"\r{topic}: {number:,} records", err=True, nl=False)
        yield record
    if watched and number >= PROGRESS_EVERY:
        click.echo("\r\x1b[K", err=True, nl=False)
