"""Deploying to real engines: what is missing is made, what differs is told and mended, what cannot be is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch

from riftwatch.errors import StateError
from riftwatch.settings import Settings
from stores.elastic_client import connect
from stores.elastic_deploy import apply, differences
from stores.elastic_families import FAMILIES
from stores.elastic_templates import Templates, composed, templates
from tests.deployed import Deployed
from tests.stores.samples import T0

pytestmark = pytest.mark.elasticsearch


@pytest.fixture
def client(elasticsearch_url: str) -> Iterator[Elasticsearch]:
    with connect(Settings(), elasticsearch_url) as opened:
        yield opened


@pytest.fixture
def wanted(index_prefix: str) -> Templates:
    return templates(index_prefix, plain_text=True)


def told(client: Elasticsearch, wanted: Templates) -> list[str]:
    prefix = next(iter(wanted.indices)).rpartition("-")[0]
    return [str(one).replace(f"{prefix}-", "") for one in differences(client, wanted, T0)]


def test_everything_is_made_once_and_a_second_time_changes_nothing(
    client: Elasticsearch, wanted: Templates, index_prefix: str
) -> None:
    assert told(client, wanted)[:2] == ["component template ecs: missing", "component template news: missing"]
    assert len(apply(client, wanted, T0)) == len(wanted.components) + 2 * len(wanted.indices)
    assert apply(client, wanted, T0) == []
    assert sorted(client.indices.get_alias(index=f"{index_prefix}-*")) == sorted(
        f"{index_prefix}-{family.name}{'-2025.01' if family.month else ''}" for family in FAMILIES.values()
    )
    assert list(client.indices.get_alias(name=f"{index_prefix}-stories")) == [
        f"{index_prefix}-stories-2025.01"
    ]


def test_what_somebody_changed_is_told_and_mended(
    client: Elasticsearch, wanted: Templates, index_prefix: str
) -> None:
    apply(client, wanted, T0)
    body = wanted.indices[f"{index_prefix}-series"]
    client.indices.put_index_template(name=f"{index_prefix}-series", **(body | {"priority": 300}))
    body = wanted.indices[f"{index_prefix}-feeds"]
    client.indices.put_index_template(name=f"{index_prefix}-feeds", **(body | {"version": 0}))
    client.indices.delete_alias(index=f"{index_prefix}-stories-2025.01", name=f"{index_prefix}-stories")
    client.indices.delete(index=f"{index_prefix}-shifts")
    assert told(client, wanted) == [
        "index template feeds: older (version)",
        "index template series: differs (priority)",
        "index shifts: missing",
        f"alias of stories-2025.01: missing ({index_prefix}-stories)".replace(f"{index_prefix}-", ""),
    ]
    apply(client, wanted, T0)
    assert told(client, wanted) == []


def test_an_index_from_before_gets_the_new_fields(
    client: Elasticsearch, wanted: Templates, index_prefix: str
) -> None:
    apply(client, wanted, T0)
    old = {"dynamic": "strict", "properties": {"news": {"properties": {"id": {"type": "keyword"}}}}}
    client.indices.delete(index=f"{index_prefix}-coverage")
    client.indices.delete_index_template(name=f"{index_prefix}-coverage")
    client.indices.create(index=f"{index_prefix}-coverage", mappings=old)
    assert told(client, wanted)[1].startswith("index coverage: older (without @timestamp, ")
    apply(client, wanted, T0)
    found = client.indices.get_mapping(index=f"{index_prefix}-coverage")[f"{index_prefix}-coverage"][
        "mappings"
    ]
    assert found["properties"]["news"]["properties"]["coverage"] == {
        "properties": {"heard": {"type": "integer"}}
    }


@pytest.mark.parametrize(
    ("mappings", "why"),
    [
        (
            {"dynamic": "strict", "properties": {"@timestamp": {"type": "keyword"}}},
            "@timestamp is keyword, not date",
        ),
        ({}, "not made after its template"),
    ],
)
def test_a_field_of_another_type_is_refused_before_anything_is_written(
    client: Elasticsearch, wanted: Templates, index_prefix: str, mappings: dict[str, object], why: str
) -> None:
    client.indices.create(index=f"{index_prefix}-feeds", mappings=mappings)
    with pytest.raises(
        StateError, match=f"{index_prefix}-feeds: conflicts .*{why}.*index_prefix.*--fill-from"
    ):
        apply(client, wanted, T0)
    assert list(client.indices.get(index=f"{index_prefix}-*")) == [f"{index_prefix}-feeds"]


def test_what_a_newer_riftwatch_left_is_not_taken_back(
    client: Elasticsearch, wanted: Templates, index_prefix: str
) -> None:
    body = wanted.components[f"{index_prefix}-ecs"] | {"version": 99}
    client.cluster.put_component_template(name=f"{index_prefix}-ecs", **body)
    with pytest.raises(StateError, match=r"ecs: newer .*update this one"):
        apply(client, wanted, T0)


def test_an_engine_without_german_and_english_is_told_what_to_do(
    client: Elasticsearch, index_prefix: str
) -> None:
    with pytest.raises(StateError, match=r"no German and English analysers.*--plain-text"):
        apply(client, templates(index_prefix), T0)


def test_the_engine_composes_the_mapping_that_we_do(elasticsearch_deployed: Deployed) -> None:
    same_mappings(elasticsearch_deployed, plain_text=True)


@pytest.mark.opensearch
def test_the_full_engine_does_so_with_languages(opensearch_deployed: Deployed) -> None:
    same_mappings(opensearch_deployed, plain_text=False)


def same_mappings(deployed: Deployed, *, plain_text: bool) -> None:
    prefix = deployed.prefix
    names = [f"{family.name}{'-1999.12' if family.month else ''}" for family in FAMILIES.values()]
    with deployed.client() as opened:
        for name in names:
            opened.indices.create(index=f"{prefix}-{name}")
        found = opened.indices.get_mapping(index=f"{prefix}-*")
        opened.indices.delete(index=list(found))
    assert {name: found[f"{prefix}-{name}"]["mappings"] for name in names} == {
        name: composed(name.removesuffix("-1999.12"), plain_text=plain_text) for name in names
    }
