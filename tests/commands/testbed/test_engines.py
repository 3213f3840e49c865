"""What the two search engines are here for works on them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from commands import jars
from commands.testbed import elasticsearch, opensearch

LOCKS = (elasticsearch.LOCK, opensearch.LOCK)
GERMAN = {"properties": {"title": {"type": "text", "analyzer": "german"}, "at": {"type": "date"}}}


@pytest.mark.parametrize("lock", LOCKS, ids=[lock.name for lock in LOCKS])
def test_every_file_is_pinned_and_no_address_is_named(lock: Path) -> None:
    pinned = jars.locked(lock)
    assert pinned
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in pinned.values())
    assert "://" not in lock.read_text(encoding="utf-8")


def test_an_archive_keeps_its_kind_in_the_cache() -> None:
    assert jars.file_name("org.a:one:1.0:zip") == "org.a_one_1.0.zip"
    assert jars.file_name("org.a:one:1.0") == "org.a_one_1.0.jar"


@pytest.mark.elasticsearch
def test_elasticsearch_keeps_versions_and_refuses_unknown_fields(
    elasticsearch_url: str, index_prefix: str
) -> None:
    index = f"{index_prefix}-stories"
    with Elasticsearch(elasticsearch_url) as client:
        client.indices.create(
            index=index, mappings={"dynamic": "strict", "properties": {"n": {"type": "long"}}}
        )
        put = {"index": {"_index": index, "_id": "a", "version": 2, "version_type": "external_gte"}}
        older = {"index": put["index"] | {"version": 1}}
        unknown = {"index": {"_index": index, "_id": "b"}}
        answer = client.bulk(operations=[put, {"n": 2}, older, {"n": 1}, unknown, {"m": 1}])
        assert [item["index"]["status"] for item in answer["items"]] == [201, 409, 400]


@pytest.mark.opensearch
def test_opensearch_knows_german_and_scripts(opensearch_client: Elasticsearch, index_prefix: str) -> None:
    index = f"{index_prefix}-stories"
    opensearch_client.indices.create(index=index, mappings=GERMAN)
    story = {"title": "Musks Häuser", "at": "2025-01-22T23:30:00Z"}
    opensearch_client.index(index=index, document=story, refresh=True)
    found = opensearch_client.search(
        index=index, query={"match": {"title": "haus"}},
        aggs={
            "days": {
                "date_histogram": {"field": "at", "calendar_interval": "day", "time_zone": "Europe/Berlin"},
                "aggs": {
                    "n": {"value_count": {"field": "at"}},
                    "twice": {"bucket_script": {"buckets_path": {"n": "n"}, "script": "params.n * 2"}},
                },
            }
        },
    )  # fmt: skip
    assert found["hits"]["total"]["value"] == 1
    [day] = found["aggregations"]["days"]["buckets"]
    assert day["key_as_string"].startswith("2025-01-23")
    assert day["twice"]["value"] == 2
