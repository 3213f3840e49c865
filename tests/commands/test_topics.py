from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from kafka.admin import ConfigResource, ConfigResourceType

from commands.ports import free_port
from commands.topics import NOT_BY_US, Change, Shape, apply, check, command, compare, wanted
from riftwatch import topics
from riftwatch.errors import StateError, UserError
from riftwatch.kafka import admin
from riftwatch.settings import Settings

SHAPE = Shape(4, 1, {"cleanup.policy": "compact"})


def test_the_same_is_no_change() -> None:
    assert compare({"a": SHAPE}, {"a": SHAPE}) == []


def test_settings_that_the_table_does_not_name_are_left_alone() -> None:
    have = replace(SHAPE, config={**SHAPE.config, "segment.ms": "1"})
    assert compare({"a": SHAPE}, {"a": have}) == []


def test_each_difference_is_named() -> None:
    have = Shape(12, 3, {"cleanup.policy": "delete"})
    assert compare({"a": SHAPE, "b": SHAPE}, {"a": have}) == [
        Change("a", "config", "cleanup.policy is delete, should be compact"),
        Change("a", "partitions", f"partitions 12, should be 4; {NOT_BY_US['partitions']}"),
        Change(
            "a", "replication", "replication 3, should be 1; reassign its replicas with Kafka's own tools"
        ),
        Change("b", "create", "4 partitions, 1 replicas"),
    ]


def test_the_table_under_production_settings() -> None:
    want = wanted(Settings(partitions=12, replication=3))
    assert set(want) == {topic.name for topic in topics.ALL}
    assert want["riftwatch.items"].partitions == want["riftwatch-contributions-changelog"].partitions == 12
    assert want["riftwatch.dead-letters"].partitions == 1
    assert all(shape.replication == 3 for shape in want.values())


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
    assert len(lines) == len(topics.ALL)
    assert lines[0]["kind"] == "replication"


def test_a_dead_broker_is_one_sentence() -> None:
    settings = Settings(kafka=f"127.0.0.1:{free_port()}")
    with pytest.raises(UserError, match="no Kafka answers"):
        admin(settings, answer_ms=200)
