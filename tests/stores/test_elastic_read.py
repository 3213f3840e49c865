"""What only the store on Elasticsearch has to promise: deep pages, servers that are unwell, indices of others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from elasticsearch import Elasticsearch

from riftwatch.errors import AccessError, Retry
from riftwatch.records import Story
from stores import elastic_hits
from stores.base import EvidenceQuery, StoryQuery
from stores.elastic import ElasticStore
from tests.deployed import Deployed
from tests.fakes_elastic import LOST, Answer, RoutedElastic, said, serving
from tests.stores.samples import DAY, MUSK_TRUMP, T0, evidence, point, story


@pytest.fixture
def store(elasticsearch_deployed: Deployed) -> Iterator[ElasticStore]:
    with closing(elasticsearch_deployed.store()) as opened:
        yield opened
    elasticsearch_deployed.empty()


@pytest.mark.elasticsearch
def test_pages_go_on_below_the_servers_window(store: ElasticStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(elastic_hits, "WINDOW", 4)
    store.put([story(f"s{number}", title="Zoll", day=number // 3) for number in range(11)])
    everything = ["s10", "s9", "s6", "s7", "s8", "s3", "s4", "s5", "s0", "s1", "s2"]
    for offset in range(13):
        page = store.search(StoryQuery(limit=3, offset=offset))
        assert ([found.story_id for found in page], page.total) == (everything[offset : offset + 3], 11)
    words = [store.search(StoryQuery(text="zoll", limit=3, offset=offset)) for offset in (0, 3, 4, 9)]
    assert [(len(page), page.total) for page in words] == [(3, 4), (1, 4), (0, 4), (0, 4)]


@pytest.mark.elasticsearch
def test_a_list_of_everything_takes_as_many_answers_as_it_needs(
    store: ElasticStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic_hits, "AT_ONCE", 2)
    monkeypatch.setattr(elastic_hits, "SMALL_AT_ONCE", 3)
    store.put([story(f"s{number}", day=-40 * number) for number in range(6)])  # a month each
    store.put([point(day=number) for number in range(7)])
    assert [found.story_id for found in store.everything(Story)] == [f"s{number}" for number in range(6)]
    assert list(store.story_ids()) == [f"s{number}" for number in range(6)]
    assert len(store.series(MUSK_TRUMP)) == 7


@pytest.mark.elasticsearch
def test_what_is_revised_during_a_list_comes_once(
    store: ElasticStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(elastic_hits, "AT_ONCE", 2)
    store.put([story(f"s{number}") for number in range(6)])
    listing = store.everything(Story)
    first = [next(listing).story_id for _ in range(2)]
    store.put([story(f"s{number}", revision=2) for number in range(6)])
    assert first + [found.story_id for found in listing] == [f"s{number}" for number in range(6)]


@pytest.mark.elasticsearch
def test_retention_leaves_indices_of_others_alone(
    store: ElasticStore, elasticsearch_deployed: Deployed
) -> None:
    theirs = [f"{elasticsearch_deployed.prefix}-stories-backup{name}" for name in ("", "-2020.01")]
    with elasticsearch_deployed.client() as client:
        for index in theirs:
            client.indices.create(index=index)
        store.put([story(), story("s2", day=40), evidence()])
        assert store.retain(T0 + (731 + 31) * DAY) == 2
        left = sorted(client.indices.get_alias(index=f"{elasticsearch_deployed.prefix}-*"))
    assert left == [f"{elasticsearch_deployed.prefix}-stories-2025.03", *theirs]
    assert list(store.story_ids()) == ["s2"]


def test_a_month_that_another_sink_has_just_dropped_is_no_error() -> None:
    listed = Answer(200, b'{"x-stories-2020.01":{"aliases":{}},"x-evidence-2020.01":{"aliases":{}}}')
    gone = Answer(200, b'{"count":0,"acknowledged":true}')  # any other request finds no index: 404
    server = RoutedElastic(**{"_alias": listed, "ignore_unavailable=true": gone})
    with serving(server) as url, closing(ElasticStore(Elasticsearch(url, max_retries=0), "x")) as store:
        assert store.retain(T0) == 0
    assert any(asked.startswith("DELETE /x-stories-2020.01?") for asked in server.asked)


READS: list[Callable[[ElasticStore], object]] = [
    lambda store: store.story("s1"),
    lambda store: store.search(StoryQuery(text="zoll")),
    lambda store: store.evidence(EvidenceQuery(subject=MUSK_TRUMP)),
    lambda store: list(store.everything(Story)),
    lambda store: store.subjects("tone", T0.date()),
    lambda store: store.counts(),
    lambda store: store.latest_time(),
]


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (said(503, "search_phase_execution_exception", "all shards failed"), Retry),
        (said(429, "circuit_breaking_exception"), Retry),
        (LOST, Retry),
        (Answer(200, b"<html>"), Retry),
        (said(401, "security_exception"), AccessError),
        (said(403, "security_exception"), AccessError),
    ],
)
def test_a_server_that_is_unwell_is_a_retry_and_one_that_refuses_a_sentence(
    answer: Answer, kind: type[Exception], read: Callable[[ElasticStore], object]
) -> None:
    with (
        serving(RoutedElastic(search=answer)) as url,
        closing(ElasticStore(Elasticsearch(url, max_retries=0), "x", readonly=True)) as store,
        pytest.raises(kind),
    ):
        read(store)


def test_shards_that_cannot_count_are_a_retry() -> None:
    answer = b'{"responses":[{"error":{"type":"search_phase_execution_exception"}}]}'
    with (
        serving(RoutedElastic(msearch=Answer(200, answer))) as url,
        closing(ElasticStore(Elasticsearch(url), "x", readonly=True)) as store,
        pytest.raises(Retry, match="could not count"),
    ):
        store.counts()
