"""Real engines for the benches, and fair comparisons: both sides take turns, so that the machine cancels out.

Kafka is an embedded broker in a temporary folder. Elasticsearch is the one that RIFTWATCH_ELASTICSEARCH names, where
everything lies under a prefix that is deleted afterwards, else one started for the run.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from elasticsearch import Elasticsearch

from commands.broker import Broker
from commands.children import Children
from commands.engine import engine
from commands.testbed.elasticsearch import ELASTICSEARCH
from commands.testbed.server import Server
from commands.topics import apply
from riftwatch.errors import UserError
from riftwatch.settings import Settings
from stores.elastic_client import connect
from stores.elastic_deploy import apply as deploy
from stores.elastic_templates import templates

ROUNDS = 5

Pairs = list[tuple[float, float]]


def alternating(ours: Callable[[], float], bare: Callable[[], float], rounds: int = ROUNDS) -> Pairs:
    """Measure both sides in turn, after a round that only warms up."""
    return [(ours(), bare()) for _ in range(rounds + 1)][1:]


def ratio(pairs: Pairs) -> dict[str, float]:
    """Return the medians of both sides and of their ratio within a round."""
    return {
        "ours_per_s": round(statistics.median(one for one, _ in pairs)),
        "bare_per_s": round(statistics.median(other for _, other in pairs)),
        "ratio": round(statistics.median(one / other for one, other in pairs), 2),
    }


@contextmanager
def broker() -> Iterator[Settings]:
    """Start an embedded broker with every topic; yields the settings that name it. Raises UserError."""
    with tempfile.TemporaryDirectory() as folder:
        children = Children()
        started = Broker(Path(folder), children, engine())
        try:
            settings = Settings(kafka=started.start(), data=Path(folder))
            apply(settings)
            yield settings
        finally:
            started.stop()
            children.close()


@contextmanager
def search_engine() -> Iterator[Settings]:
    """Find or start an Elasticsearch; yields settings with its address and a fresh prefix. Raises UserError."""
    if given := os.environ.get(ELASTICSEARCH.variable):
        yield from _deployed(given)
        return
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)  # it runs as somebody else where we are root
        children = Children()
        server = Server(ELASTICSEARCH, Path(folder), children, lambda _: None)
        try:
            yield from _deployed(server.start())
        finally:
            server.stop()
            children.close()


def _deployed(url: str) -> Iterator[Settings]:
    settings = Settings(elasticsearch=url, index_prefix=f"bench-{uuid.uuid4().hex[:8]}")
    with connect(settings) as client:
        try:
            deploy(client, templates(settings.index_prefix, plain_text=True), datetime.now(UTC))
            yield settings
        finally:
            forget(client, settings.index_prefix)


def forget(client: Elasticsearch, prefix: str, *, templates_too: bool = True) -> None:
    """Delete the indices, and the templates, whose names begin so."""
    if known := list(client.indices.get_alias(index=f"{prefix}-*")):
        client.indices.delete(index=known)
    if templates_too:
        client.options(ignore_status=404).indices.delete_index_template(name=f"{prefix}-*")
        client.options(ignore_status=404).cluster.delete_component_template(name=f"{prefix}-*")


def skipping(bench: Callable[[], dict[str, object]]) -> None:
    """Print a bench's report as JSON, or that it is skipped and why, where an engine is not to be had."""
    try:
        print(json.dumps(bench(), indent=1))
    except UserError as error:
        print(json.dumps({"skipped": str(error)}))
        sys.exit(0)
