"""Commits that are owed are tried again; a consumer that stands still starts afresh."""

from __future__ import annotations

import pytest
from kafka import TopicPartition
from kafka.errors import KafkaError

from riftwatch.errors import Retry
from sinks.consuming import PATIENCE_S, Commits


class Group:
    """A consumer as Commits sees it, with a clock beside it."""

    def __init__(self) -> None:
        self.partitions = {TopicPartition("t", 0)}
        self.committed: dict[TopicPartition, int] = {}
        self.refusing = False
        self.time = 0.0

    def assignment(self):  # type: ignore[no-untyped-def]
        return self.partitions

    def commit(self, offsets):  # type: ignore[no-untyped-def]
        if self.refusing:
            raise KafkaError("rebalance in progress")
        self.committed |= {where: offset.offset for where, offset in offsets.items()}

    def now(self) -> float:
        return self.time


class Record:
    """One record at an offset."""

    def __init__(self, offset: int) -> None:
        self.offset = offset


ZERO = TopicPartition("t", 0)


@pytest.fixture
def group() -> Group:
    return Group()


def test_a_failed_commit_is_owed_until_it_succeeds(group: Group) -> None:
    commits = Commits(group, group.now)
    group.refusing = True
    commits.settle({ZERO: [Record(6)]})
    assert group.committed == {}
    group.refusing = False
    commits.settle()
    assert group.committed == {ZERO: 7}


def test_a_partition_that_went_elsewhere_is_no_longer_ours_to_commit(group: Group) -> None:
    commits = Commits(group, group.now)
    group.refusing = True
    commits.settle({ZERO: [Record(6)]})
    group.refusing, group.partitions = False, {TopicPartition("t", 1)}
    commits.settle()
    assert group.committed == {}


@pytest.mark.parametrize("trouble", ["no commit", "no partition"])
def test_standing_still_ends_in_a_fresh_start(group: Group, trouble: str) -> None:
    commits = Commits(group, group.now)
    commits.settle({ZERO: [Record(6)]})
    group.refusing = trouble == "no commit"
    group.partitions = {ZERO} if trouble == "no commit" else set()
    commits.settle({ZERO: [Record(7)]})
    group.time = PATIENCE_S - 1
    commits.settle()
    group.time = PATIENCE_S + 1
    with pytest.raises(Retry, match="starting afresh"):
        commits.settle()


def test_a_spare_consumer_that_never_had_a_partition_waits_in_peace(group: Group) -> None:
    group.partitions = set()
    commits = Commits(group, group.now)
    group.time = 10 * PATIENCE_S
    commits.settle()
