"""Fixtures for the search engines: somebody's, named in the environment, or our own for the run, or a skip.

An engine starts when the first test asks for it. Tests share it: each works under its own `index_prefix`.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from commands.children import Children
from commands.engine import engine
from commands.jvm import Engine
from commands.ports import free_port
from commands.testbed.cluster import Cluster, cluster
from commands.testbed.elasticsearch import ELASTICSEARCH
from commands.testbed.opensearch import OPENSEARCH
from commands.testbed.running import born
from commands.testbed.server import Kind, Server
from riftwatch.errors import UserError
from tests.given import GIVEN, missing
from tests.opensearch import client

ENGINES = {
    "kafka",
    "kafka_engine",
    "elasticsearch_url",
    "opensearch_url",
    "brokers",
}  # fixtures that may start one
PLACE, FOLDER, KEPT = Path("/var/tmp"), "riftwatch-tests-", "kept"
FAILED: list[str] = []  # engines that could not be started: their logs are kept
IN_USE: set[str] = set()  # addresses of the search engines this run has touched


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Count only the test itself against its time limit: the first one may have to fetch an engine."""
    for item in items:
        if ENGINES & set(getattr(item, "fixturenames", ())):
            limit = item.get_closest_marker("timeout")
            seconds = limit.args[0] if limit and limit.args else float(item.config.getini("timeout"))
            item.add_marker(pytest.mark.timeout(seconds, func_only=True), append=False)


@pytest.fixture(scope="session")
def elasticsearch_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a real Elasticsearch 9: no analysis of languages, no painless (see docs/testbed.md)."""
    yield from _engine(ELASTICSEARCH, request)


@pytest.fixture(scope="session")
def opensearch_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Address of a full OpenSearch 2.19, for what the stripped Elasticsearch lacks."""
    yield from _engine(OPENSEARCH, request)


@pytest.fixture(scope="session")
def opensearch_client(opensearch_url: str) -> Iterator[Elasticsearch]:
    """Elasticsearch's client, talking to the OpenSearch."""
    with client(opensearch_url, request_timeout=30) as found:
        yield found


@pytest.fixture
def index_prefix() -> Iterator[str]:
    """A prefix for indices and templates of this test alone; what bears it is deleted afterwards."""
    prefix = f"test-{uuid.uuid4().hex[:10]}"
    yield prefix
    for url in IN_USE:
        forget(url, prefix)


def forget(url: str, prefix: str) -> None:
    """Delete the indices (and with them the aliases) and templates whose names begin so."""
    if indices := json.loads(_ask("GET", f"{url}/{prefix}*/_alias?expand_wildcards=all")):
        _ask("DELETE", f"{url}/{','.join(indices)}")
    _ask("DELETE", f"{url}/_index_template/{prefix}*")
    _ask("DELETE", f"{url}/_component_template/{prefix}*")


def _ask(method: str, url: str) -> bytes:
    """Send a request; that there is nothing of that name is an answer too."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=30) as answer:
            return bytes(answer.read())
    except urllib.error.HTTPError as error:
        with error:
            if error.code != 404:
                raise
            return b"{}"


@pytest.fixture(scope="session")
def engines_folder() -> Iterator[Path]:
    """A folder that an unprivileged account can enter too, unlike pytest's own; kept when an engine failed."""
    for left in PLACE.glob(f"{FOLDER}[0-9]*"):  # by runs that were killed
        if not born(int(left.name.split("-")[2])) and not (left / KEPT).exists():
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER}{os.getpid()}-", dir=PLACE))
    folder.chmod(0o755)
    yield folder
    if FAILED:
        (folder / KEPT).touch()
    else:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def engine_children() -> Iterator[Children]:
    """Start engines that cannot outlive the run."""
    children = Children()
    yield children
    children.close()


def _engine(kind: Kind, request: pytest.FixtureRequest) -> Iterator[str]:
    """Use somebody's engine or start one for the run."""
    if given := GIVEN[kind.variable]:
        IN_USE.add(given)
        yield given
        return
    folder: Path = request.getfixturevalue("engines_folder")
    children: Children = request.getfixturevalue("engine_children")
    server = Server(kind, folder, children, lambda _: None, ports=(free_port(), free_port()))
    try:
        IN_USE.add(server.start())
    except UserError as error:
        if server.log.exists():
            FAILED.append(kind.name)
        missing(kind.title, error)
    yield server.address
    IN_USE.discard(server.address)
    server.stop()


@pytest.fixture(scope="session")
def kafka_engine() -> Engine:
    """What runs Kafka: fetched, verified and ready. For tests that start brokers themselves."""
    try:
        return engine()
    except UserError as error:
        missing("Kafka", error)


@pytest.fixture(scope="session")
def brokers(engines_folder: Path, engine_children: Children, kafka_engine: Engine) -> Iterator[Cluster]:
    """Start three brokers for the run; see `three_brokers`."""
    made = cluster(engines_folder, engine_children, kafka_engine, first_port=free_port())
    try:
        made.start()
    except UserError as error:
        FAILED.append("kafka")
        missing("Kafka cluster", error)
    yield made
    made.stop()


@pytest.fixture
def three_brokers(brokers: Cluster) -> Cluster:
    """A Kafka of three brokers that a test may `kill(n)` and `start(n)`; whole again for the next one.

    Always our own: nobody's cluster is killed for a test.
    """
    brokers.start()
    return brokers
