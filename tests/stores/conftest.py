"""The stores that the contract runs on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from stores.base import Store
from stores.opening import open_store
from tests.deployed import Deployed, on_elasticsearch, on_opensearch

ELASTICSEARCH = pytest.param("elasticsearch", marks=pytest.mark.elasticsearch)
OPENSEARCH = pytest.param("opensearch", marks=pytest.mark.opensearch)
WITH_LANGUAGES = ("sqlite", OPENSEARCH)  # the Elasticsearch of the tests lacks the analysis of languages


@pytest.fixture(params=["sqlite", ELASTICSEARCH, OPENSEARCH])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty store of each implementation."""
    if request.param == "sqlite":
        with closing(open_store(f"sqlite:{tmp_path / 'store.db'}", readonly=False)) as opened:
            yield opened
        return
    deployed: Deployed = request.getfixturevalue(f"{request.param}_deployed")
    with closing(deployed.store()) as opened:
        yield opened
    deployed.empty()


@pytest.fixture(scope="session")
def elasticsearch_deployed(elasticsearch_url: str) -> Iterator[Deployed]:
    """Templates on the Elasticsearch, once for all tests; indices come and go with each."""
    with on_elasticsearch(elasticsearch_url) as deployed:
        yield deployed


@pytest.fixture(scope="session")
def opensearch_deployed(opensearch_url: str) -> Iterator[Deployed]:
    """The same on the OpenSearch, with German and English."""
    with on_opensearch(opensearch_url) as deployed:
        yield deployed
