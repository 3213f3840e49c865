"""What the topics should be made of, and how what they are differs from it. Pure; topics.py asks the broker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from riftwatch import topics
from riftwatch.settings import Settings

NOT_BY_US = {
    "partitions": "another count means new topics: delete them, `topics apply`, `riftwatch rebuild`",
    "replication": "reassign its replicas with Kafka's own tools",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a topic is made of, as far as this project cares."""

    partitions: int
    replication: int
    config: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between the broker and the table: `kind` is create, config, partitions or replication."""

    topic: str
    kind: str
    detail: str


def wanted(settings: Settings, table: Sequence[topics.Topic] = topics.ALL) -> dict[str, Shape]:
    """Return what each topic of the table should be under these settings."""
    safe = {"min.insync.replicas": str(topics.safe_copies(settings.replication))}
    return {
        topic.name: Shape(
            settings.partitions if topic.partitioned else 1,
            settings.replication,
            topics.config_of(topic) | safe,
        )
        for topic in table
    }


def compare(want: Mapping[str, Shape], have: Mapping[str, Shape]) -> list[Change]:
    """Return what would have to change, in the order of the table."""
    return [change for name, shape in want.items() for change in _compare_one(name, shape, have.get(name))]


def _compare_one(name: str, want: Shape, have: Shape | None) -> list[Change]:
    if have is None:
        return [Change(name, "create", f"{want.partitions} partitions, {want.replication} replicas")]
    changes = [
        Change(name, "config", f"{key} is {have.config.get(key, 'not set')}, should be {value}")
        for key, value in want.config.items()
        if have.config.get(key) != value
    ]
    for kind in ("partitions", "replication"):
        found, should = getattr(have, kind), getattr(want, kind)
        if found != should:
            changes.append(Change(name, kind, f"{kind} {found}, should be {should}; {NOT_BY_US[kind]}"))
    return changes
