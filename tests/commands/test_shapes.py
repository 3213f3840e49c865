from __future__ import annotations

from dataclasses import replace

from commands.shapes import NOT_BY_US, Change, Shape, compare, wanted
from riftwatch import topics
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
    assert {shape.config["min.insync.replicas"] for shape in want.values()} == {"2"}
    items, shifts = want["riftwatch.items"].config, want["riftwatch.shifts"].config
    assert (items["retention.ms"], items["retention.bytes"]) == (str(14 * topics.DAY_MS), "-1")
    assert (shifts["cleanup.policy"], "retention.ms" in shifts) == ("compact", False)
