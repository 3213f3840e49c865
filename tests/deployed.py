"""Indices for tests on a real engine: templates under a prefix of their own, made once and taken away at the end."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from elasticsearch import Elasticsearch

from riftwatch.settings import Settings
from stores.elastic import ElasticStore
from stores.elastic_client import connect
from stores.elastic_templates import templates
from tests import opensearch
from tests.engines import forget


@dataclass(frozen=True, slots=True)
class Deployed:
    """An engine with our templates."""

    client: Callable[[], Elasticsearch]
    prefix: str

    def store(self) -> ElasticStore:
        """Return a store whose `put` returns when what was written can be read."""
        return ElasticStore(self.client(), self.prefix, refresh="true")

    def empty(self) -> None:
        """Take every index away."""
        with self.client() as client:
            if indices := list(client.indices.get_alias(index=f"{self.prefix}-*")):
                client.indices.delete(index=indices)


@contextmanager
def on_elasticsearch(url: str) -> Iterator[Deployed]:
    """Deploy on the stripped Elasticsearch, which analyses no languages."""
    with _deployed(url, lambda: connect(Settings(), url), plain_text=True) as deployed:
        yield deployed


@contextmanager
def on_opensearch(url: str) -> Iterator[Deployed]:
    """Deploy on the full OpenSearch."""
    with _deployed(url, lambda: opensearch.client(url), plain_text=False) as deployed:
        yield deployed


@contextmanager
def _deployed(url: str, client: Callable[[], Elasticsearch], *, plain_text: bool) -> Iterator[Deployed]:
    deployed = Deployed(client, f"test-{uuid.uuid4().hex[:10]}")
    known = templates(deployed.prefix, plain_text=plain_text)
    with client() as opened:  # indices come with what is written: making all of them takes seconds
        for name, body in known.components.items():
            opened.cluster.put_component_template(name=name, **body)
        for name, body in known.indices.items():
            opened.indices.put_index_template(name=name, **body)
    yield deployed
    forget(url, deployed.prefix)
