"""The stores that the contract runs on."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from riftwatch.settings import Settings
from stores.base import Store
from stores.elastic import ElasticStore
from stores.elastic_client import connect
from stores.elastic_deploy import apply
from stores.elastic_templates import templates
from stores.opening import open_store
from tests import opensearch
from tests.engines import forget
from tests.stores.samples import T0

ELASTICSEARCH = pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)
OPENSEARCH = pytest.param("opensearch", marks=pytest.mark.opensearch)
WITH_LANGUAGES = ("sqlite", OPENSEARCH)  # the Elasticsearch of the tests lacks the analysis of languages

Deployed = tuple[Callable[[], Elasticsearch], str]  # what makes a client, and the prefix in use


@pytest.fixture(params=["sqlite", ELASTICSEARCH, OPENSEARCH])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each implementation."""
    if request.param == "sqlite":
        with closing(open_store(f"sqlite:{tmp_path / 'store.db'}", readonly=False)) as opened:
            yield opened
        return
    client, prefix = request.getfixturevalue(f"{request.param}_deployed")
    with closing(ElasticStore(client(), prefix, refresh="true")) as opened:
        yield opened
    _empty(client, prefix)


@pytest.fixture(scope="session")
def elasticsearch_deployed(elasticsearch_url: str) -> Iterator[Deployed]:
    """Templates on the Elasticsearch, once for all tests; indices come and go with each."""
    with _deployed(
        elasticsearch_url, lambda: connect(Settings(), elasticsearch_url), plain_text=True
    ) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def opensearch_deployed(opensearch_url: str) -> Iterator[Deployed]:
    """The same on the OpenSearch, with German and English."""
    with _deployed(opensearch_url, lambda: opensearch.client(opensearch_url), plain_text=False) as deployed:
        yield deployed


@contextmanager
def _deployed(url: str, client: Callable[[], Elasticsearch], *, plain_text: bool) -> Iterator[Deployed]:
    prefix = f"test-{uuid.uuid4().hex[:10]}"
    with client() as opened:
        apply(opened, templates(prefix, plain_text=plain_text), T0)
    _empty(client, prefix)
    yield client, prefix
    forget(url, prefix)


def _empty(client: Callable[[], Elasticsearch], prefix: str) -> None:
    with client() as opened:
        if indices := list(opened.indices.get_alias(index=f"{prefix}-*")):
            opened.indices.delete(index=indices)
