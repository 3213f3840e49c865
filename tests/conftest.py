"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from commands.broker import Broker, engine
from commands.children import Children
from riftwatch.errors import UserError


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """host:port of a real Kafka: the one RIFTWATCH_KAFKA names, or one embedded broker for the whole run.

    Topics are not made: see `fresh_topics`. Where the jars cannot be fetched the tests are skipped, unless
    RIFTWATCH_REQUIRE_ALL=1.
    """
    if given := os.environ.get("RIFTWATCH_KAFKA"):
        yield given
        return
    try:
        kafka_engine = engine()
    except UserError as error:
        if os.environ.get("RIFTWATCH_REQUIRE_ALL") == "1":
            pytest.fail(f"no Kafka to test with: {error}")
        pytest.skip(f"no Kafka to test with: {error}")
    children = Children()
    broker = Broker(tmp_path_factory.mktemp("kafka"), children, kafka_engine)
    try:
        yield broker.start()
    finally:
        broker.stop()
        children.close()
