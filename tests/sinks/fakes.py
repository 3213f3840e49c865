"""Hand-written fakes of the sinks' ports: Kafka as data, an SMTP server that misbehaves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kafka import TopicPartition
from kafka.errors import CommitFailedError, KafkaTimeoutError
from kafka.structs import OffsetAndMetadata


@dataclass(slots=True)
class FakeMessage:
    """One record as a Kafka client hands it out."""

    topic: str
    offset: int
    value: bytes | None
    key: bytes | None = b"key"
    partition: int = 0
    timestamp: int = 1_737_500_000_000
    headers: tuple[tuple[str, bytes], ...] = ()


class FakeConsumer:
    """A consumer of one partition a topic; `rewind` redelivers what was not committed, as a restart does."""

    def __init__(self) -> None:
        self.logs: dict[TopicPartition, list[FakeMessage]] = {}
        self.positions: dict[TopicPartition, int] = {}
        self.committed: dict[TopicPartition, int] = {}
        self.paused: set[TopicPartition] = set()
        self.refuse_commit = False
        self.on_poll: Callable[[], None] = lambda: None
        self.polls = 0

    def add(self, topic: str, value: bytes | None, key: bytes = b"key") -> FakeMessage:
        """Append a record to a topic."""
        where = TopicPartition(topic, 0)
        self.logs.setdefault(where, []).append(FakeMessage(topic, len(self.logs[where]), value, key))
        return self.logs[where][-1]

    def rewind(self) -> None:
        """Go back to what was committed."""
        self.positions = dict(self.committed)

    def poll(
        self, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[FakeMessage]]:
        self.polls += 1
        self.on_poll()
        found = {}
        for where, messages in self.logs.items():
            start = self.positions.get(where, 0)
            if where not in self.paused and (some := messages[start : start + (max_records or 500)]):
                found[where] = some
                self.positions[where] = start + len(some)
        return found

    def commit(self, offsets: dict[TopicPartition, OffsetAndMetadata]) -> None:
        if self.refuse_commit:
            raise CommitFailedError
        self.committed |= {where: offset.offset for where, offset in offsets.items()}

    def assignment(self) -> set[TopicPartition]:
        return set(self.logs)

    def pause(self, *partitions: TopicPartition) -> None:
        self.paused |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.paused -= set(partitions)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.positions[partition] = offset

    def close(self) -> None:
        """Nothing to close."""


class FakeProducer:
    """Keeps what is sent; `failing` sends are not acknowledged, `deaf` ones not even taken."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes, bytes]] = []
        self.failing = 0
        self.deaf = 0  # sends that wait in vain for metadata

    def send(self, topic: str, value: bytes, key: bytes) -> FakeProducer:
        if self.deaf:
            self.deaf -= 1
            raise KafkaTimeoutError
        self.sent.append((topic, key, value))
        return self

    def get(self, timeout: float) -> None:
        if self.failing:
            self.failing -= 1
            raise KafkaTimeoutError

    def close(self) -> None:
        """Nothing to close."""
