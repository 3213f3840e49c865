"""Every outcome of writing in bulk: on a real Elasticsearch, or on a local server where it cannot be provoked there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import orjson
import pytest
from elastic_transport import TlsError
from elasticsearch import Elasticsearch
from prometheus_client import Counter

from riftwatch import metrics
from riftwatch.errors import AccessError
from riftwatch.letters import MAX_ERROR_CHARS
from stores import elastic_bulk
from stores.base import Outcome, Unfinished, Written
from stores.elastic_answers import of_failure
from stores.elastic_bulk import write
from stores.elastic_documents import Document
from tests.fakes_elastic import LOST, Answer, Bulk, LossyProxy, ScriptedElastic, item, items, said, serving

MAPPING = {
    "dynamic": "strict",
    "properties": {"n": {"type": "long"}, "record": {"type": "object", "enabled": False}},
}


def doc(key: str, version: int = 1, index: str = "i", **source: object) -> Document:
    return Document(index, key, version, orjson.dumps(source))


def docs(number: int) -> list[Document]:
    return [doc(str(place), n=place) for place in range(number)]


STEPS = (
    "run `riftwatch deploy elasticsearch --apply`, then `riftwatch dead-letters replay --all --stage search`"
)


def shown(written: Written) -> str:
    """What of the reason is left in the dead letter."""
    return f"not_storable: {written.reason}"[:MAX_ERROR_CHARS]


def outcomes(written: list[Written]) -> list[str]:
    return [one.outcome.value for one in written]


# --- on the real engine -------------------------------------------------------------------------------


class Engine:
    """One index on the real engine, with a strict mapping."""

    def __init__(self, url: str, index: str) -> None:
        self.url, self.index = url, index
        self.client = Elasticsearch(url, request_timeout=30)

    def doc(self, key: str, version: int = 1, **source: object) -> Document:
        return doc(key, version, self.index, **source)

    def found(self) -> dict[str, object]:
        self.client.indices.refresh(index=self.index)
        hits = self.client.search(index=self.index, size=1000)["hits"]["hits"]
        return {hit["_id"]: hit["_source"] for hit in hits}


@pytest.fixture
def engine(elasticsearch_url: str, index_prefix: str) -> Iterator[Engine]:
    made = Engine(elasticsearch_url, f"{index_prefix}-i")
    made.client.indices.create(index=made.index, mappings=MAPPING, settings={"number_of_replicas": 0})
    yield made
    made.client.close()


@pytest.mark.elasticsearch
def test_a_newer_copy_stays_and_an_equal_one_is_replaced(engine: Engine) -> None:
    assert outcomes(write(engine.client, [engine.doc("a", 2, n=2)])) == ["written"]
    assert outcomes(write(engine.client, [engine.doc("a", 1, n=1), engine.doc("b", n=1)])) == [
        "stale",
        "written",
    ]
    assert outcomes(write(engine.client, [engine.doc("a", 2, n=3)])) == ["written"]
    assert engine.found() == {"a": {"n": 3}, "b": {"n": 1}}


@pytest.mark.elasticsearch
def test_a_document_that_does_not_fit_is_rejected_with_the_reason_and_the_rest_goes_on(
    engine: Engine,
) -> None:
    batch = [
        engine.doc("a", n=1),
        engine.doc("b", n="many"),
        engine.doc("c", nonsense=1),
        engine.doc("d", n=2),
    ]
    written = write(engine.client, batch)
    assert outcomes(written) == ["written", "rejected", "rejected", "written"]
    assert "failed to parse field [n] of type [long]" in written[1].reason
    assert "deploy" not in written[1].reason
    assert "nonsense" in written[2].reason
    assert STEPS in shown(written[2])
    assert set(engine.found()) == {"a", "d"}


@pytest.mark.elasticsearch
def test_a_missing_index_that_may_not_be_made_is_named_with_the_next_step(
    engine: Engine, index_prefix: str
) -> None:
    engine.client.indices.put_index_template(
        name=f"{index_prefix}-no",
        index_patterns=[f"{index_prefix}-no-*"],
        allow_auto_create=False,
        priority=500,
    )
    missing = f"{index_prefix}-no-1"
    written = write(engine.client, [doc("a", index=missing, n=1), engine.doc("b", n=1)])
    assert outcomes(written) == ["rejected", "written"]
    assert missing in written[0].reason
    assert STEPS in shown(written[0])


@pytest.mark.elasticsearch
@pytest.mark.parametrize(
    ("block", "says"), [("write", "index.blocks"), ("read_only_allow_delete", "its disk is full: make room")]
)
def test_a_block_on_writing_is_waited_for_and_nothing_is_rejected(
    engine: Engine, block: str, says: str
) -> None:
    engine.client.indices.put_settings(index=engine.index, settings={f"index.blocks.{block}": True})
    with pytest.raises(Unfinished, match=says) as caught:
        write(engine.client, [engine.doc("a", n=1)])
    assert (caught.value.reason, caught.value.settled) == ("blocked", (None,))
    engine.client.indices.put_settings(index=engine.index, settings={f"index.blocks.{block}": None})
    assert outcomes(write(engine.client, [engine.doc("a", n=1)])) == ["written"]


@pytest.mark.elasticsearch
def test_a_blocked_index_does_not_hold_up_the_others(engine: Engine, index_prefix: str) -> None:
    other = f"{index_prefix}-other"
    engine.client.indices.create(index=other, mappings=MAPPING, settings={"index.blocks.write": True})
    with pytest.raises(Unfinished) as caught:
        write(engine.client, [doc("a", index=other, n=1), engine.doc("b", n=1)])
    assert caught.value.settled == (None, Written(Outcome.WRITTEN))
    assert set(engine.found()) == {"b"}


@pytest.mark.elasticsearch
def test_of_several_versions_the_newest_is_kept_and_the_last_of_equal_ones(engine: Engine) -> None:
    batch = [
        engine.doc("a", 2, n=1),
        engine.doc("a", 3, n=2),
        engine.doc("a", 3, n=3),
        engine.doc("a", 1, n=4),
    ]
    assert outcomes(write(engine.client, batch)) == ["stale", "stale", "written", "stale"]
    assert engine.found() == {"a": {"n": 3}}


@pytest.mark.elasticsearch
def test_when_the_newest_version_is_bad_the_one_before_it_is_written(engine: Engine) -> None:
    batch = [engine.doc("a", 1, n=1), engine.doc("a", 2, n="bad"), engine.doc("a", 0, n=0)]
    assert outcomes(write(engine.client, batch)) == ["written", "rejected", "stale"]
    assert engine.found() == {"a": {"n": 1}}


@pytest.mark.elasticsearch
def test_one_document_that_spoils_the_request_is_found_and_rejected_alone(engine: Engine) -> None:
    batch = [engine.doc(str(number), n=number) for number in range(9)]
    batch[4] = engine.doc("x" * 513, n=4)
    written = write(engine.client, batch)
    assert outcomes(written) == ["written"] * 4 + ["rejected"] + ["written"] * 4
    assert "id [x" in written[4].reason
    assert len(engine.found()) == 8


@pytest.mark.elasticsearch
def test_a_lost_answer_is_made_up_for_without_a_double(engine: Engine) -> None:
    batch = [engine.doc(str(number), n=number) for number in range(5)]
    proxy = LossyProxy(engine.url)
    proxy.losing = 1
    with serving(proxy) as url, Elasticsearch(url) as client:
        with pytest.raises(Unfinished) as caught:
            write(client, batch)
        assert (caught.value.reason, caught.value.settled) == ("unwell", (None,) * 5)
        assert len(engine.found()) == 5
        assert outcomes(write(client, batch)) == ["written"] * 5
    assert len(proxy.lost) == 1
    assert engine.found() == {str(number): {"n": number} for number in range(5)}
    assert engine.client.get(index=engine.index, id="3")["_version"] == 1


@pytest.mark.elasticsearch
def test_what_is_written_with_refresh_is_searchable_at_once(engine: Engine) -> None:
    write(engine.client, [engine.doc("a", n=1)], refresh="true")
    assert engine.client.count(index=engine.index)["count"] == 1


# --- on a local server --------------------------------------------------------------------------------


@contextmanager
def scripted(
    *script: Answer | Callable[[Bulk], Answer | None] | None,
) -> Iterator[tuple[ScriptedElastic, Elasticsearch]]:
    server = ScriptedElastic(*script)
    with serving(server) as url, Elasticsearch(url) as client:
        yield server, client


def rise(counter: Counter, *labels: str) -> Callable[[], float]:
    before = counter.labels(*labels)._value.get()  # prometheus_client has no public reader
    return lambda: float(counter.labels(*labels)._value.get() - before)


def test_only_the_items_that_were_too_much_are_left_over() -> None:
    busy = item(429, "es_rejected_execution_exception")
    with scripted(items(item(201), busy, item(201), busy, item(409))) as (server, client):
        with pytest.raises(Unfinished, match="busy") as caught:
            write(client, docs(5))
        settled = caught.value.settled
        assert caught.value.reason == "busy"
        assert [one and one.outcome.value for one in settled] == ["written", None, "written", None, "stale"]
        write(client, [one for one, known in zip(docs(5), settled, strict=True) if known is None])
        assert server.ids() == [["0", "1", "2", "3", "4"], ["1", "3"]]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (said(429, "es_rejected_execution_exception"), "busy"),
        (said(500, "internal"), "unwell"),
        (said(502), "unwell"),
        (said(503, "unavailable_shards_exception"), "unwell"),
        (said(504), "unwell"),
        (Answer(503, b"<html>no backend</html>", {"Content-Type": "text/html"}), "unwell"),
        (Answer(200, b"{"), "unwell"),
        (items(item(201)), "unwell"),  # for two documents
        (said(403, "cluster_block_exception", "blocked by: [FORBIDDEN/12/index read-only / allow delete (api)]"), "blocked"),
        (said(503, "cluster_block_exception", "blocked by: [SERVICE_UNAVAILABLE/2/no master]"), "blocked"),
        (LOST, "unwell"),
    ],
)  # fmt: skip
def test_an_unwell_server_is_left_alone_until_later(answer: Answer, reason: str) -> None:
    with scripted(answer) as (server, client):
        with pytest.raises(Unfinished) as caught:
            write(client, docs(2))
        assert (caught.value.reason, caught.value.settled) == (reason, (None, None))
        assert len(server.bulks) == 1  # the client itself does not try again
        assert outcomes(write(client, docs(2))) == ["written"] * 2
    assert server.documents == {"0": {"n": 0}, "1": {"n": 1}}


def test_items_of_an_unwell_shard_are_left_over() -> None:
    with scripted(items(item(503, "unavailable_shards_exception"), item(201))) as (_, client):
        with pytest.raises(Unfinished) as caught:
            write(client, docs(2))
        assert caught.value.settled == (None, Written(Outcome.WRITTEN))


def test_no_room_for_another_index_is_no_fault_of_the_document() -> None:
    full = item(400, "validation_exception", "this action would add [2] shards, but this cluster currently has "
                "[1000]/[1000] maximum normal shards open;")  # fmt: skip
    with (
        scripted(items(full)) as (_, client),
        pytest.raises(Unfinished, match="no room for another index") as caught,
    ):
        write(client, docs(1))
    assert caught.value.reason == "blocked"


def test_a_server_that_is_gone_is_unwell() -> None:
    with scripted() as (server, _):
        url = server.url
    with Elasticsearch(url) as client, pytest.raises(Unfinished, match=r"out of reach .*Connection refused"):
        write(client, docs(1))


def test_https_to_a_server_without_is_told_as_such() -> None:
    with (
        scripted() as (server, _),
        Elasticsearch(server.url.replace("http:", "https:")) as client,
        pytest.raises(AccessError, match="says https and it speaks http"),
    ):
        write(client, docs(1))


def test_a_certificate_nobody_vouches_for_is_told_as_such() -> None:
    error = TlsError(
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate (_ssl.c:1006)"
    )
    with pytest.raises(AccessError, match=r"self-signed certificate .*set elasticsearch_ca"):
        of_failure(error)


def test_a_server_that_does_not_answer_in_time_is_unwell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic_bulk, "TIMEOUT_S", 0.05)

    def slow(_: Bulk) -> Answer | None:
        time.sleep(0.2)
        return None

    with scripted(slow) as (server, client):
        with pytest.raises(Unfinished, match="in time"):
            write(client, docs(1))
        time.sleep(0.2)
        assert outcomes(write(client, docs(1))) == ["written"]
    assert server.documents == {"0": {"n": 0}}


def test_after_a_failed_request_the_others_are_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic_bulk, "MAX_CHUNK", 2)
    with scripted(None, said(503)) as (server, client):
        with pytest.raises(Unfinished) as caught:
            write(client, docs(10))
        assert [known is None for known in caught.value.settled] == [False] * 2 + [True] * 8
        assert server.ids() == [["0", "1"], ["2", "3"]]


def limit(most: int) -> Callable[[Bulk], Answer | None]:
    """A server that takes `most` documents' worth of bytes."""
    return lambda bulk: said(413) if sum(len(orjson.dumps(source)) for _, source in bulk) > most else None


def test_a_request_that_is_too_large_is_halved() -> None:
    halved = rise(metrics.STORE_SPLITS, "halved")
    with scripted(*[limit(25)] * 99) as (server, client):
        assert outcomes(write(client, docs(8))) == ["written"] * 8
    assert [len(bulk) for bulk in server.bulks] == [8, 4, 2, 2, 4, 2, 2]
    assert halved() == 3


def test_one_document_that_is_too_large_is_cut() -> None:
    batch = [*docs(2), doc("big", body="x" * 1000)]
    cut = rise(metrics.STORE_SPLITS, "cut")
    with scripted(*[limit(50)] * 99) as (server, client):
        written = write(
            client, batch, shorten=lambda place: doc("big", body=f"cut {place}", tags=["truncated"])
        )
    assert outcomes(written) == ["written"] * 3
    assert server.documents["big"] == {"body": "cut 2", "tags": ["truncated"]}
    assert cut() == 1


@pytest.mark.parametrize("shorter", [None, doc("big", body="y" * 900), doc("big", body="x" * 1000)])
def test_one_that_is_too_large_even_then_is_rejected_and_the_rest_goes_on(shorter: Document | None) -> None:
    batch = [doc("big", body="x" * 1000), *docs(2)]
    with scripted(*[limit(50)] * 99) as (server, client):
        written = write(client, batch, shorten=lambda _: shorter)
    assert outcomes(written) == ["rejected", "written", "written"]
    assert "too large" in written[0].reason
    assert set(server.documents) == {"0", "1"}


def test_a_failure_while_halving_leaves_the_rest_over() -> None:
    with scripted(said(413), None, said(503)) as (_, client):
        with pytest.raises(Unfinished) as caught:
            write(client, docs(4))
        assert [known is None for known in caught.value.settled] == [False, False, True, True]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (said(401, "security_exception"), "RIFTWATCH_ELASTICSEARCH_API_KEY"),
        (said(403, "security_exception"), "docs/search.md"),
        (
            items(item(403, "security_exception")),
            "does not let us write to i .*docs/search.md.*Nothing was dropped",
        ),
        (items(item(401, "security_exception")), "has run out"),
        (said(400, "media_type_header_exception"), "same major version"),
        (said(404), "its own address"),
        (Answer(200, b"{}", {"Content-Type": "application/json"}), "not Elasticsearch"),
        (Answer(301, b"", {"Location": "https://elsewhere/"}), "its own address"),
    ],
)
def test_a_server_that_will_not_serve_us_stops_us_with_one_sentence(answer: Answer, says: str) -> None:
    with scripted(answer) as (_, client), pytest.raises(AccessError, match=says) as caught:
        write(client, docs(1))
    assert "\n" not in str(caught.value)


def test_what_went_to_a_failure_store_was_not_taken() -> None:
    with scripted(
        items(item(201, failure_store="used"), item(201, failure_store="not_applicable_or_unknown"))
    ) as (_, c):
        written = write(c, docs(2))
    assert outcomes(written) == ["rejected", "written"]
    assert "failure store" in written[0].reason


def test_requests_are_bounded_in_number() -> None:
    with scripted() as (server, client):
        write(client, docs(2 * elastic_bulk.MAX_CHUNK + 1))
    assert [len(bulk) for bulk in server.bulks] == [elastic_bulk.MAX_CHUNK, elastic_bulk.MAX_CHUNK, 1]


def test_requests_are_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic_bulk, "MAX_CHUNK_BYTES", 500)
    with scripted() as (server, client):
        write(
            client, [*docs(3), doc("big", body="x" * 600), *[doc(f"m{n}", body="x" * 100) for n in range(4)]]
        )
    # "big" is too much by itself, but it has to go.
    assert server.ids() == [["0", "1", "2"], ["big"], ["m0", "m1"], ["m2", "m3"]]


def test_nothing_to_write_asks_nothing() -> None:
    with scripted() as (server, client):
        assert write(client, []) == []
    assert server.bulks == []
