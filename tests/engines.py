"""Fixtures for the search engines: somebody's, named in the environment, or our own for the run, or a skip.

An engine starts when the first test asks for it. Tests share it: each works under its own `index_prefix`.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator

import pytest
from elasticsearch import Elasticsearch

from riftwatch.errors import UserError
from tests.opensearch import client

# Taken out of the environment: the processes that tests start must not take these for their settings.
GIVEN = {name: os.environ.pop(name, "") for name in ("RIFTWATCH_ELASTICSEARCH", "RIFTWATCH_OPENSEARCH")}
IN_USE: set[str] = set()  # addresses of the search engines this run has touched


def missing(what: str, error: object) -> None:
    """Skip the test with the reason, or fail it where everything is required."""
    if os.environ.get("RIFTWATCH_REQUIRE_ALL") == "1":
        pytest.fail(f"no {what} to test with: {error}")
    pytest.skip(f"no {what} to test with: {error}")


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """Address of a real Elasticsearch 9: no analysis of languages, no painless (see docs/testbed.md)."""
    yield from _engine("Elasticsearch", "RIFTWATCH_ELASTICSEARCH")


@pytest.fixture(scope="session")
def opensearch_url() -> Iterator[str]:
    """Address of a full OpenSearch 2.19, for what the stripped Elasticsearch lacks."""
    yield from _engine("OpenSearch", "RIFTWATCH_OPENSEARCH")


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


def _engine(name: str, variable: str) -> Iterator[str]:
    if not (given := GIVEN[variable]):
        missing(name, UserError(f"{variable} is not set"))
    IN_USE.add(given.rstrip("/"))
    yield given.rstrip("/")
