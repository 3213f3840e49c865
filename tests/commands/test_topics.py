from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from kafka.admin import (
    ACL,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ConfigResource,
    ConfigResourceType,
    ResourcePattern,
    ResourceType,
)

from commands.broker import Broker
from commands.children import Children
from commands.engine import engine
from commands.ports import free_port
from commands.shapes import Change
from commands.topics import apply, check, command
from riftwatch import topics
from riftwatch.errors import StateError, UserError
from riftwatch.kafka import admin
from riftwatch.settings import Settings
from tests.conftest import _forget


def test_no_broker_is_one_sentence() -> None:
    with pytest.raises(UserError, match="no broker is known"):
        check(Settings(data=Path("nowhere")))
    result = CliRunner().invoke(command, ["check"], env={"RIFTWATCH_KAFKA": "nonsense"})
    assert isinstance(result.exception, UserError)


@pytest.mark.kafka
@pytest.mark.usefixtures("fresh_topics")
def test_apply_twice_changes_nothing_and_check_sees_what_drifted(kafka: str) -> None:
    settings = Settings(kafka=kafka)
    assert apply(settings) == []
    assert check(settings) == []

    client = admin(settings)
    drift = ConfigResource(ConfigResourceType.TOPIC, "riftwatch.items", configs={"retention.ms": "1000"})
    client.alter_configs([drift])
    client.close()
    while not (drifted := check(settings)):  # the broker learns it a moment after the controller
        time.sleep(0.01)
    (change,) = drifted
    assert (change.topic, change.kind) == ("riftwatch.items", "config")
    assert apply(settings) == [change]
    assert check(settings) == []


@pytest.mark.kafka
@pytest.mark.usefixtures("fresh_topics")
def test_another_partition_count_is_refused_with_its_remedy(kafka: str) -> None:
    with pytest.raises(StateError, match=r"riftwatch\.items: partitions 4, should be 6.*rebuild"):
        apply(Settings(kafka=kafka, partitions=6))
    assert check(Settings(kafka=kafka)) == []


@pytest.mark.kafka
@pytest.mark.usefixtures("fresh_topics")
def test_the_command_prints_lines_and_tells_by_its_exit_code(kafka: str) -> None:
    run = CliRunner().invoke
    same = run(command, ["check"], env={"RIFTWATCH_KAFKA": kafka}, standalone_mode=False)
    assert (same.return_value, same.output) == (0, "all topics are as they should be\n")
    other = {"RIFTWATCH_KAFKA": kafka, "RIFTWATCH_REPLICATION": "3"}
    differs = run(command, ["check", "--json"], env=other, standalone_mode=False)
    assert differs.return_value == 1
    lines = [json.loads(line) for line in differs.output.splitlines()]
    assert len([line for line in lines if line["kind"] == "replication"]) == len(topics.ALL)
    assert {line["detail"] for line in lines if line["kind"] == "config"} == {
        "min.insync.replicas is 1, should be 2"
    }


def test_a_dead_broker_is_one_sentence() -> None:
    settings = Settings(kafka=f"127.0.0.1:{free_port()}")
    with pytest.raises(UserError, match="no Kafka answers"):
        admin(settings, answer_ms=200)


@pytest.mark.kafka
@pytest.mark.usefixtures("fresh_topics")
def test_everything_that_the_table_says_is_checked_and_corrected(kafka: str) -> None:
    settings = Settings(kafka=kafka)
    drift = {
        "riftwatch-contributions-changelog": {"cleanup.policy": "delete", "max.message.bytes": "1000"},
        "riftwatch.readings": {"retention.ms": "1000", "retention.bytes": "5", "min.insync.replicas": "7"},
        "riftwatch.rebuilds": {"cleanup.policy": "delete"},
    }
    client = admin(settings)
    client.alter_configs(
        [ConfigResource(ConfigResourceType.TOPIC, name, configs=wrong) for name, wrong in drift.items()]
    )
    client.close()
    expected = {(name, key) for name, wrong in drift.items() for key in wrong}
    until = time.monotonic() + 10
    while len(found := check(settings)) < len(expected) and time.monotonic() < until:
        time.sleep(0.05)
    assert {(change.topic, change.detail.partition(" is ")[0]) for change in found} == expected
    assert apply(settings) == found
    assert check(settings) == []


@pytest.mark.kafka
def test_more_replicas_than_brokers_is_one_sentence(kafka: str) -> None:
    settings = Settings(kafka=kafka, replication=3)
    _forget(settings)
    with pytest.raises(UserError, match="too few brokers for 3 replicas: start the others, or set"):
        apply(settings)


class Guarded(Broker):
    """A broker that allows what nobody has forbidden."""

    def properties(self) -> list[str]:
        authorizer = "org.apache.kafka.metadata.authorizer.StandardAuthorizer"
        return [
            *super().properties(),
            f"authorizer.class.name={authorizer}",
            "allow.everyone.if.no.acl.found=true",
        ]


@pytest.fixture
def guarded(kafka: str, tmp_path: Path) -> Iterator[Settings]:
    """A Kafka of its own on which rights can be taken away; `kafka` says whether there can be one."""
    assert kafka
    children = Children()
    broker = Guarded(tmp_path, children, engine())
    try:
        yield Settings(kafka=broker.start())
    finally:
        broker.stop()
        children.close()


def reserve(settings: Settings, resource: ResourcePattern, *left: ACLOperation) -> None:
    """Give all rights on a resource to somebody else, and to us only those that are `left`."""
    other = ACL("User:other", "*", ACLOperation.ALL, ACLPermissionType.ALLOW, resource)
    ours = [ACL("User:ANONYMOUS", "*", one, ACLPermissionType.ALLOW, resource) for one in left]
    client = admin(settings)
    client.create_acls([*ours, other])
    client.close()


def _once_allowed(settings: Settings) -> list[Change]:
    """What `check` finds, once the broker has heard of a new right."""
    until = time.monotonic() + 10
    while True:
        try:
            return check(settings)
        except UserError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


@pytest.mark.kafka
@pytest.mark.slow
def test_missing_rights_are_one_sentence(guarded: Settings) -> None:
    cluster = ResourcePattern(ResourceType.CLUSTER, "kafka-cluster")
    may = (
        ACLOperation.CLUSTER_ACTION,
        ACLOperation.DESCRIBE,
        ACLOperation.ALTER,
        ACLOperation.DESCRIBE_CONFIGS,
    )
    reserve(guarded, cluster, *may)
    ours = ResourcePattern(ResourceType.TOPIC, "riftwatch", ACLResourcePatternType.PREFIXED)
    denied = "does not allow this .*: ask for the rights"
    reserve(guarded, ours)
    with pytest.raises(UserError, match=denied):
        check(guarded)
    reserve(guarded, ours, ACLOperation.DESCRIBE)
    with pytest.raises(UserError, match=denied):
        apply(guarded)
    reserve(guarded, ours, ACLOperation.CREATE)
    for asking in (apply, check):
        with pytest.raises(UserError, match=denied):
            asking(guarded)  # and not that the configuration is wrong
    reserve(guarded, ours, ACLOperation.DESCRIBE_CONFIGS)
    assert _once_allowed(guarded) == []
    with pytest.raises(UserError, match=denied):
        apply(replace(guarded, replication=3))
