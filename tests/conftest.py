"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest

from commands.broker import Broker, engine
from commands.children import Children
from commands.topics import apply
from processors.judge import Judge
from riftwatch import topics
from riftwatch.errors import UserError
from riftwatch.kafka import admin
from riftwatch.settings import Settings


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


@pytest.fixture
def fresh_topics(kafka: str) -> str:
    """Every topic of the table, empty, and no consumer group's offsets; returns host:port.

    One broker serves the whole run and topics have fixed names, so a test that needs them asks for this.
    """
    settings = Settings(kafka=kafka)
    client = admin(settings)
    try:
        ours = {topic.name for topic in topics.ALL}
        if old := [name for name in client.list_topics() if name in ours]:
            client.delete_topics(old)
        while ours & set(client.list_topics()):  # the broker forgets a moment after the controller
            time.sleep(0.01)
        if groups := [group["group_id"] for group in client.list_groups()]:
            client.delete_groups(groups)
    finally:
        client.close()
    apply(settings)
    return kafka


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Return the shipped default model, loaded once."""
    return Judge.load(Settings().models)
