"""Opening a store on Elasticsearch: whatever is wrong is one sentence with the next step, and no password."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from riftwatch.errors import AccessError, ConfigError, Retry, StateError
from riftwatch.settings import Settings
from stores.elastic_templates import templates
from stores.opening import is_written, open_store
from tests.deployed import Deployed
from tests.fakes_elastic import Answer, RoutedElastic, said, serving
from tests.stores.samples import story


def ok(body: object) -> Answer:
    return Answer(200, json.dumps(body).encode())


def rights(**lacking: bool) -> Answer:
    every = dict.fromkeys(
        ("read", "view_index_metadata", "create_index", "index", "delete", "delete_index"), True
    )
    return ok({"index": {"riftwatch-*": every | lacking}})


WELL = {
    "health": ok({"status": "green"}),
    "nodes": ok({"nodes": {"n": {"version": "9.2.0"}}}),
    "has_privileges": rights(),
    "index_template": ok(
        {
            "index_templates": [
                {"name": name, "index_template": body} for name, body in templates().indices.items()
            ]
        }
    ),
}


def opening(wrong: Mapping[str, Answer] = MappingProxyType({}), *, readonly: bool = False) -> None:
    with serving(RoutedElastic(**(WELL | dict(wrong)))) as url:
        open_store(url.replace("http://", "http://anna:secret@"), readonly=readonly).close()


def test_a_server_that_is_well_is_opened() -> None:
    opening()
    opening(readonly=True)


def test_a_server_without_security_and_one_that_does_not_tell_its_version_are_opened() -> None:
    opening({"has_privileges": said(400, "no handler found"), "nodes": ok({})})


def test_readers_need_no_templates() -> None:
    opening({"index_template": said(404)}, readonly=True)


@pytest.mark.parametrize(
    ("kind", "wrong", "sentence"),
    [
        (AccessError, {"nodes": ok({"nodes": {"n": {"version": "8.19.3"}}})}, "is version 8.19.3.*speaks to 9.x"),
        (AccessError, {"health": said(400, "media_type_header_exception")}, "same major version"),
        (AccessError, {"health": said(401, "security_exception")}, "401.*RIFTWATCH_ELASTICSEARCH_API_KEY"),
        (AccessError, {"health": said(403, "security_exception")}, "403.*docs/search.md"),
        (AccessError, {"has_privileges": rights(index=False, delete=False)}, "lacks index, delete on riftwatch-*"),
        (AccessError, {"health": Answer(200, b"{}", {"Content-Type": "application/json"})}, "not Elasticsearch"),
        (Retry, {"health": ok({"status": "red"})}, "status red.*allocation/explain"),
        (Retry, {"health": said(503, "master_not_discovered_exception")}, "503.*master_not_discovered"),
        (Retry, {"health": said(429, "circuit_breaking_exception")}, "busy"),
        (StateError, {"index_template": said(404)}, "no index template riftwatch-coverage.*deploy elasticsearch --apply"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_the_next_step(
    kind: type[Exception], wrong: dict[str, Answer], sentence: str
) -> None:
    with pytest.raises(kind, match=sentence) as caught:
        opening(wrong)
    assert "secret" not in str(caught.value)


def test_an_older_template_is_named() -> None:
    old = [
        {"name": name, "index_template": {**body, "version": 0}} for name, body in templates().indices.items()
    ]
    with pytest.raises(StateError, match=r"riftwatch-coverage .* is older than this Riftwatch.*--apply"):
        opening({"index_template": ok({"index_templates": old})})


def test_a_reader_only_needs_to_read() -> None:
    lacking = rights(index=False, delete=False, create_index=False, delete_index=False)
    opening({"has_privileges": lacking}, readonly=True)


@pytest.mark.parametrize(
    ("url", "kind", "sentence"),
    [
        ("http://anna:secret@127.0.0.1:1", Retry, r"http://\*\*\*@127.0.0.1:1: .*Connection refused"),
        ("http://", ConfigError, "must be http"),
        ("http://anna:secret@host:99999", ConfigError, r"not \"http://\*\*\*@host:99999"),
    ],
)  # fmt: skip
def test_a_wrong_address_is_named_without_its_password(
    url: str, kind: type[Exception], sentence: str
) -> None:
    for use in (lambda: open_store(url, readonly=True), lambda: is_written(url)):
        with pytest.raises(kind, match=sentence) as caught:
            use()
        assert "secret" not in str(caught.value)


def test_a_ca_that_is_not_there_is_named(tmp_path: Path) -> None:
    settings = Settings(elasticsearch_ca=str(tmp_path / "ca.crt"))
    with pytest.raises(ConfigError, match=r"ca\.crt: there is no such file"):
        open_store("https://127.0.0.1:9200", readonly=True, settings=settings)


@pytest.mark.elasticsearch
def test_a_store_that_nobody_has_written_yet_reads_as_empty(
    elasticsearch_url: str, index_prefix: str
) -> None:
    settings = Settings(index_prefix=index_prefix)
    store = open_store(elasticsearch_url, readonly=True, settings=settings)
    assert store.story("s1") is None
    assert store.latest_time() is None
    assert store.subjects("tone", story().published.date()) == []
    assert set(store.counts().values()) == {0}
    assert not is_written(elasticsearch_url, settings)
    with pytest.raises(TypeError, match="read-only"):
        store.put([story()])
    store.close()


@pytest.mark.elasticsearch
def test_a_store_on_the_real_engine_is_written_once_its_templates_are_there(
    elasticsearch_deployed: Deployed, elasticsearch_url: str
) -> None:
    prefix = elasticsearch_deployed.prefix
    settings = Settings(index_prefix=prefix)
    store = open_store(elasticsearch_url, readonly=False, settings=settings)
    store.put([story()])
    with elasticsearch_deployed.client() as opened:
        opened.indices.refresh(index=f"{prefix}-*")
    assert is_written(elasticsearch_url, settings)
    assert store.retain(story().published.replace(year=2028)) == 1
    store.close()


@pytest.mark.opensearch
def test_an_opensearch_is_no_elasticsearch(opensearch_url: str) -> None:
    with pytest.raises(AccessError, match="not Elasticsearch"):
        open_store(opensearch_url, readonly=True)
