"""`riftwatch topics`: make the broker's topics what riftwatch/topics.py says, or tell the difference.

Creates topics and corrects their configuration; the commands never delete one and never change a partition count,
because that would move keys away from the state that belongs to them.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict

import click
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import (
    InvalidReplicationFactorError,
    NoError,
    TopicAlreadyExistsError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
    for_code,
)

from commands.shapes import NOT_BY_US, Change, Shape, compare, wanted
from riftwatch import settings as settings_table
from riftwatch.errors import StateError, UserError
from riftwatch.kafka import admin, answering, bootstrap
from riftwatch.settings import Settings

CREATE_MS = 30_000
SETTLE_S = 5.0


def read(client: KafkaAdminClient, names: Sequence[str]) -> dict[str, Shape]:
    """Return the shape of those of the named topics that exist."""
    found = client.describe_topics(list(names))
    for topic in found:
        if (error := for_code(topic["error_code"])) not in {NoError, UnknownTopicOrPartitionError}:
            raise error(topic["name"])
    there = [topic for topic in found if not topic["error_code"]]
    configs = _configs(client, [topic["name"] for topic in there])
    return {
        topic["name"]: Shape(
            len(topic["partitions"]), len(topic["partitions"][0]["replica_nodes"]), configs[topic["name"]]
        )
        for topic in there
    }


def _configs(client: KafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    asked = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found = client.describe_configs(asked, config_filter="all")["topic"]
    for name, configs in found.items():
        if not configs:  # every topic has some; kafka-python passes over the error that came in their place
            raise TopicAuthorizationFailedError(f"DescribeConfigs on {name}")
    return {
        name: {key: str(value["value"]) for key, value in configs.items()} for name, configs in found.items()
    }


def check(settings: Settings) -> list[Change]:
    """Return how the broker differs from the table; raises UserError when it does not answer."""
    want = wanted(settings)
    with _client(settings) as client:
        return compare(want, read(client, list(want)))


def apply(settings: Settings) -> list[Change]:
    """Create and correct topics, and return what differed; running it again changes nothing.

    A replication that differs is left as it is.

    Raises StateError, before changing anything, when a partition count differs; UserError when the broker
    does not answer or does not allow it.
    """
    want = wanted(settings)
    with _client(settings) as client:
        changes = compare(want, read(client, list(want)))
        if moved := [change for change in changes if change.kind == "partitions"]:
            raise StateError(
                f"{moved[0].topic}: {moved[0].detail}, or set RIFTWATCH_PARTITIONS back, because state would not "
                "be found any more."
            )
        _create(client, {c.topic: want[c.topic] for c in changes if c.kind == "create"}, settings)
        _configure(client, {c.topic: want[c.topic] for c in changes if c.kind == "config"})
        _settle(client, want, left={c for c in changes if c.kind == "replication"})
    return changes


def delete(settings: Settings, names: Sequence[str]) -> None:
    """Delete topics and return when the broker has forgotten them; for `rebuild`, which makes them anew."""
    with _client(settings) as client:
        client.delete_topics(list(names))
        until = time.monotonic() + SETTLE_S
        while read(client, names) and time.monotonic() < until:
            time.sleep(0.02)


def _settle(client: KafkaAdminClient, want: Mapping[str, Shape], left: set[Change]) -> None:
    """Wait until the broker that answers knows what the controller decided: usually some milliseconds."""
    until = time.monotonic() + SETTLE_S
    while set(compare(want, read(client, list(want)))) - left and time.monotonic() < until:
        time.sleep(0.02)


@contextmanager
def _client(settings: Settings) -> Iterator[KafkaAdminClient]:
    with answering(bootstrap(settings)):
        client = admin(settings)
        try:
            yield client
        finally:
            client.close()


def _create(client: KafkaAdminClient, shapes: Mapping[str, Shape], settings: Settings) -> None:
    if not shapes:
        return
    new = {
        name: {"num_partitions": s.partitions, "replication_factor": s.replication, "configs": dict(s.config)}
        for name, s in shapes.items()
    }
    made = client.create_topics(new, timeout_ms=CREATE_MS, raise_errors=False)["topics"]
    for topic in made:
        error = for_code(topic["error_code"])
        if error is InvalidReplicationFactorError:
            raise UserError(
                f"Kafka at {settings.kafka} has too few brokers for {settings.replication} replicas: start the others,"
                " or set RIFTWATCH_REPLICATION."
            )
        # A second process that applies at the same time is welcome.
        if error not in {NoError, TopicAlreadyExistsError}:
            raise error(topic.get("error_message") or topic["name"])
    client.wait_for_topics(list(new), timeout_ms=CREATE_MS)


def _configure(client: KafkaAdminClient, shapes: Mapping[str, Shape]) -> None:
    if not shapes:
        return
    asked = [ConfigResource(ConfigResourceType.TOPIC, n, configs=dict(s.config)) for n, s in shapes.items()]
    for name, answer in client.alter_configs(asked)["topic"].items():
        if "AuthorizationFailed" in answer:
            raise TopicAuthorizationFailedError(f"AlterConfigs on {name}")
        if answer != "OK":
            raise UserError(f"Kafka did not take the configuration of {name}: {answer}.")


@click.group("topics")
def command() -> None:
    """Create or check the topics in Kafka."""


@command.command("apply")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def apply_command(*, as_json: bool) -> int:
    """Create what is missing and correct what differs; again does nothing.

    Exit code 1 if something is left that only Kafka's own tools can change.

    Example: riftwatch topics apply
    """
    changes = apply(settings_table.load())
    _show(changes, as_json=as_json, none="all topics are as they should be")
    return 1 if any(change.kind in NOT_BY_US for change in changes) else 0


@command.command("check")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def check_command(*, as_json: bool) -> int:
    """Tell how the broker differs from the table; exit code 1 if it does.

    Example: riftwatch topics check
    """
    changes = check(settings_table.load())
    _show(changes, as_json=as_json, none="all topics are as they should be")
    return 1 if changes else 0


def _show(changes: Sequence[Change], *, as_json: bool, none: str) -> None:
    for change in changes:
        click.echo(
            json.dumps(asdict(change)) if as_json else f"{change.topic}: {change.kind}: {change.detail}"
        )
    if not changes and not as_json:
        click.echo(none)
