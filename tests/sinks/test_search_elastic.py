"""The search sink before Elasticsearch: what it waits for, what becomes a dead letter, when it commits, when it stops.

On the real engine where that can be provoked, else on a local server (tests/fakes_elastic.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from elasticsearch import Elasticsearch, OrjsonSerializer
from kafka import TopicPartition

from riftwatch import metrics, topics
from riftwatch.clock import ManualClock
from riftwatch.errors import AccessError
from riftwatch.records import DeadLetter, Story, decode, encode
from sinks import consuming
from sinks.batch import Limits
from sinks.consuming import Letters, Stop
from sinks.search import SearchSink
from stores.base import Store
from stores.elastic import ElasticStore
from stores.elastic_deploy import apply
from stores.elastic_templates import templates
from tests.fakes_elastic import Answer, Bulk, LossyProxy, ScriptedElastic, item, items, said, serving
from tests.sinks.fakes import FakeConsumer, FakeProducer
from tests.stores.samples import at, story

NOW = datetime(2026, 1, 1, tzinfo=UTC)
STORIES = TopicPartition(topics.STORIES.name, 0)


class Bench:
    """A search sink on a fake Kafka and a store of the test's choice."""

    def __init__(self, store: Store) -> None:
        self.consumer, self.producer, self.stop = FakeConsumer(), FakeProducer(), Stop()
        self.sink = SearchSink(
            self.consumer, store, Letters(self.producer, "search"), ManualClock(at(0)), self.stop, Limits()
        )

    def add(self, *records: Story) -> None:
        for record in records:
            self.consumer.add(topics.STORIES.name, encode(record))

    def letters(self) -> list[DeadLetter]:
        return [decode(value, DeadLetter) for _, _, value in self.producer.sent]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "FIRST_WAIT_S", 0.0)


def retries(reason: str) -> float:
    return float(metrics.RETRIES.labels("search", reason)._value.get())


# --- on the real engine -------------------------------------------------------------------------------


@pytest.fixture
def client(elasticsearch_url: str, index_prefix: str) -> Iterator[Elasticsearch]:
    with Elasticsearch(elasticsearch_url, serializer=OrjsonSerializer(), request_timeout=30) as made:
        apply(made, templates(index_prefix, plain_text=True), NOW)
        yield made


@pytest.mark.elasticsearch
def test_what_the_mapping_refuses_becomes_a_dead_letter_and_the_offset_moves_on(
    client: Elasticsearch, index_prefix: str
) -> None:
    """A mapping that an operator has changed: the field that no longer fits is named, the rest is stored."""
    index = f"{index_prefix}-stories-2025.01"
    client.indices.put_index_template(
        name=f"{index_prefix}-odd", index_patterns=[f"{index_prefix}-stories-*"], priority=9000,
        template={"mappings": {"properties": {"news": {"properties": {"feed": {"properties": {"id": {"type": "long"}}}}}}}},
    )  # fmt: skip
    bench = Bench(ElasticStore(client, index_prefix, refresh="true"))
    bad, good = story("bad", feed_id="no number"), story("good", feed_id="7")
    bench.add(bad, good)
    bench.sink.turn()
    (letter,) = bench.letters()
    assert (letter.value, letter.reason, letter.stage) == (encode(bad), "not_storable", "search")
    assert index in letter.error
    assert "[news.feed.id] of type [long]" in letter.error
    assert client.count(index=index)["count"] == 1
    assert bench.consumer.committed == {STORIES: 2}


@pytest.mark.elasticsearch
def test_a_full_disk_holds_the_offset_and_is_told_apart(
    client: Elasticsearch, index_prefix: str, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = Bench(ElasticStore(client, index_prefix, refresh="true"))
    bench.add(story("first"))
    bench.sink.turn()
    index, blocked = f"{index_prefix}-stories-2025.01", retries("blocked")
    client.indices.put_settings(index=index, settings={"index.blocks.read_only_allow_delete": True})
    bench.add(story("second"))

    def while_waiting() -> None:
        if bench.consumer.paused:
            assert bench.consumer.committed == {STORIES: 1}
        if retries("blocked") >= blocked + 3:
            client.indices.put_settings(index=index, settings={"index.blocks.read_only_allow_delete": None})

    bench.consumer.on_poll = while_waiting
    consuming.FIRST_WAIT_S = 0.01  # the fixture puts it back
    bench.sink.turn()
    assert bench.letters() == []
    assert bench.consumer.committed == {STORIES: 2}
    assert client.count(index=index)["count"] == 2
    assert retries("blocked") >= blocked + 3


@pytest.mark.elasticsearch
def test_a_lost_answer_is_asked_for_again_and_doubles_nothing(
    client: Elasticsearch, index_prefix: str
) -> None:
    url = str(next(iter(client.transport.node_pool.all())).base_url)
    proxy = LossyProxy(url)
    proxy.losing = 2
    with serving(proxy) as address, Elasticsearch(address, serializer=OrjsonSerializer()) as lossy:
        bench = Bench(ElasticStore(lossy, index_prefix, refresh="true"))
        bench.add(*[story(f"s{number}") for number in range(20)])
        bench.sink.turn()
    assert len(proxy.lost) == 2
    assert bench.letters() == []
    assert bench.consumer.committed == {STORIES: 20}
    assert client.count(index=f"{index_prefix}-stories-*")["count"] == 20


# --- on a local server --------------------------------------------------------------------------------


@pytest.fixture
def scripted() -> Iterator[Callable[..., tuple[ScriptedElastic, Bench]]]:
    opened = []

    def make(*script: Answer | Callable[[Bulk], Answer | None] | None) -> tuple[ScriptedElastic, Bench]:
        server = ScriptedElastic(*script)
        serving_it = serving(server)
        client = Elasticsearch(serving_it.__enter__(), serializer=OrjsonSerializer())
        opened.append((serving_it, client))
        return server, Bench(ElasticStore(client, "x"))

    yield make
    for serving_it, client in opened:
        client.close()
        serving_it.__exit__(None, None, None)


Scripted = Callable[..., tuple[ScriptedElastic, Bench]]


def test_only_what_was_not_taken_is_sent_again_with_consumption_paused(scripted: Scripted) -> None:
    busy, bad = item(429, "es_rejected_execution_exception"), item(400, "document_parsing_exception")
    server, bench = scripted(items(item(201), busy, bad, busy), items(busy, item(201)))
    bench.add(*[story(f"s{number}") for number in range(4)])
    seen = []
    bench.consumer.on_poll = lambda: seen.append((set(bench.consumer.paused), dict(bench.consumer.committed)))
    consuming.FIRST_WAIT_S = 0.01
    bench.sink.turn()
    assert server.ids() == [["s0", "s1", "s2", "s3"], ["s1", "s3"], ["s1"]]
    assert all(one == ({STORIES}, {}) for one in seen[1:])
    assert [letter.value for letter in bench.letters()] == [encode(story("s2"))]
    assert bench.consumer.committed == {STORIES: 4}
    assert bench.consumer.paused == set()


def test_a_server_away_for_a_while_costs_no_dead_letter(scripted: Scripted) -> None:
    server, bench = scripted(*[said(503)] * 10)
    bench.add(*[story(f"s{number}") for number in range(3)])
    bench.sink.turn()
    assert len(server.bulks) == 11
    assert set(server.documents) == {"s0", "s1", "s2"}
    assert bench.letters() == []
    assert bench.consumer.committed == {STORIES: 3}


def test_letters_that_fail_do_not_send_the_documents_again(scripted: Scripted) -> None:
    server, bench = scripted(items(item(201), item(400, "document_parsing_exception")))
    bench.producer.failing = 1
    bench.add(story("s0"), story("s1"))
    bench.sink.turn()
    assert len(server.bulks) == 1
    assert bench.consumer.committed == {STORIES: 2}


@pytest.mark.parametrize("status", [401, 403])
def test_without_rights_the_sink_stops_and_drops_nothing(scripted: Scripted, status: int) -> None:
    _, bench = scripted(items(item(201), item(status, "security_exception"), item(201)))
    bench.add(*[story(f"s{number}") for number in range(3)])
    with pytest.raises(AccessError, match="Nothing was dropped"):
        bench.sink.run()
    assert bench.letters() == []
    assert bench.consumer.committed == {}


def test_a_story_that_no_proxy_lets_through_is_cut_and_tagged(scripted: Scripted) -> None:
    def proxy(bulk: Bulk) -> Answer | None:
        return said(413) if any(len(str(source)) > 1_000_000 for _, source in bulk) else None

    server, bench = scripted(*[proxy] * 9)
    bench.add(story("s0"), story("huge", content="wort " * 150_000))
    bench.sink.turn()
    assert server.documents["huge"]["tags"] == ["truncated"]
    assert server.documents["huge"]["record"]["content"].endswith("wort  […]")
    assert "tags" not in server.documents["s0"]
    assert bench.letters() == []
    assert bench.consumer.committed == {STORIES: 2}
