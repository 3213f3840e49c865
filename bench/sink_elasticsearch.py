"""Documents a second of the search sink, against bare `helpers.streaming_bulk` of the same documents.

    python -m bench.sink_elasticsearch [DOCUMENTS]

Bare has the documents ready as dicts, the same serializer and chunks of the same size. The sink takes records from a
real Kafka, decodes them, makes the documents, writes them and commits: `sink`; without Kafka: `put`. Both sides take
turns on one engine, each into fresh indices. Prints JSON; `client_cpu` compares processor time of the client alone.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import orjson
from elasticsearch import Elasticsearch, helpers

from bench.desk_store import evidence, stories
from bench.engines import alternating, broker, forget, ratio, search_engine, skipping
from riftwatch import kafka, topics
from riftwatch.clock import ManualClock
from riftwatch.records import Story, encode
from riftwatch.settings import Settings
from sinks.batch import Limits
from sinks.consuming import Letters, Stop
from sinks.search import SearchSink
from stores.base import Stored, Written
from stores.elastic import ElasticStore
from stores.elastic_bulk import MAX_CHUNK
from stores.elastic_client import connect
from stores.elastic_documents import document_of

DOCUMENTS = 4_000
NOW = datetime(2026, 1, 1, tzinfo=UTC)
READ = (topics.STORIES, topics.EVIDENCE)
groups = (f"bench-{number}" for number in itertools.count())
cpu: dict[str, list[float]] = {"sink": [], "put": [], "bare": []}


def records(number: int) -> list[Stored]:
    """Make stories of 3 kB and the evidence found in them; all of one month, as news is."""
    rng = random.Random(7)

    def flow() -> Iterator[Stored]:
        for story in stories(number, rng):
            yield story
            yield from evidence(story, rng)

    return [_of_one_month(record) for record in itertools.islice(flow(), number)]


def _of_one_month(record: Any) -> Any:  # any record with a first_published
    import msgspec

    return msgspec.structs.replace(record, first_published=NOW)


def fill(settings: Settings, made: Sequence[Stored]) -> None:
    """Put the records into their topics."""
    with closing(kafka.producer(settings)) as client:
        for record in made:
            topic = topics.STORIES if isinstance(record, Story) else topics.EVIDENCE
            client.send(topic.name, value=encode(record), key=record.story_id.encode())  # type: ignore[union-attr]
        client.flush()


@contextmanager
def measured(side: str, number: int) -> Iterator[Callable[[], float]]:
    """Yield a function that returns records a second since now."""
    began, began_cpu = time.perf_counter(), time.process_time()

    def speed() -> float:
        cpu[side].append(number / (time.process_time() - began_cpu))
        return number / (time.perf_counter() - began)

    yield speed


class Counting(ElasticStore):
    """Counts what it has written."""

    written = 0

    def put(self, records: Sequence[Stored]) -> list[Written]:
        """Write and count."""
        result = super().put(records)
        self.written += len(result)
        return result


def sink(settings: Settings, client: Elasticsearch, number: int) -> float:
    """Run the sink over the topics from their beginning."""
    forget(client, settings.index_prefix, templates_too=False)
    with (
        closing(kafka.consumer(settings, next(groups), [topic.name for topic in READ])) as consumer,
        closing(kafka.producer(settings)) as producer,
    ):
        while not consumer.assignment():
            consumer.poll(timeout_ms=50, max_records=1)
        consumer.seek_to_beginning()
        store = Counting(client, settings.index_prefix)
        work = SearchSink(consumer, store, Letters(producer, "search"), ManualClock(NOW), Stop(), Limits())
        with measured("sink", number) as speed:
            while store.written < number:
                work.turn()
            return speed()


def put(settings: Settings, client: Elasticsearch, made: Sequence[Stored]) -> float:
    """Put the records, in batches as the sink does."""
    forget(client, settings.index_prefix, templates_too=False)
    store = ElasticStore(client, settings.index_prefix)
    with measured("put", len(made)) as speed:
        for start in range(0, len(made), MAX_CHUNK):
            store.put(made[start : start + MAX_CHUNK])
        return speed()


def bare(settings: Settings, client: Elasticsearch, actions: Sequence[dict[str, object]]) -> float:
    """Send the same documents with the library's own helper."""
    forget(client, settings.index_prefix, templates_too=False)
    with measured("bare", len(actions)) as speed:
        for good, _ in helpers.streaming_bulk(client, actions, chunk_size=MAX_CHUNK, raise_on_error=False):
            assert good
        return speed()


def actions_of(made: Iterable[Stored], prefix: str) -> list[dict[str, object]]:
    """Return the documents as the helper wants them."""
    documents = [document_of(record, prefix, NOW) for record in made]
    return [
        {
            "_op_type": "index", "_index": document.index, "_id": document.id, "version": document.version,
            "version_type": "external_gte", "_source": orjson.loads(document.source),
        }
        for document in documents
    ]  # fmt: skip


def bench(number: int) -> dict[str, object]:
    made = records(number)
    with broker() as found, search_engine() as engine, connect(engine) as client:
        settings = replace(engine, kafka=found.kafka)
        actions = actions_of(made, settings.index_prefix)
        fill(settings, made)
        other = partial(bare, settings, client, actions)
        report: dict[str, object] = {
            "documents": number,
            "bytes_a_document": round(sum(len(orjson.dumps(one["_source"])) for one in actions) / number),
            "put": ratio(alternating(partial(put, settings, client, made), other)),
            "sink": ratio(alternating(partial(sink, settings, client, number), other)),
        }
    report["client_cpu"] = {
        side: f"{round(sorted(speeds)[len(speeds) // 2])}/s" for side, speeds in cpu.items()
    }
    return report


if __name__ == "__main__":
    skipping(lambda: bench(int(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS))
