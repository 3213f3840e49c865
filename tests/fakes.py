"""Hand-written fakes, one per port."""

from __future__ import annotations

import itertools
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Generic, TypeVar

import msgspec

from processors.asked import Asked
from processors.judge import Probabilities, RelationProbabilities, SentenceReading
from processors.sending import Outgoing
from riftwatch.errors import Reject
from riftwatch.topics import MAX_MESSAGE_BYTES, Topic


class FakeJudge:
    """Judges by plain words: each sentence's verb stands for the first actor's stance toward the others."""

    HOSTILE = ("attacks", "attackiert", "verklagt", "sues", "rügt")
    FRIENDLY = ("praises", "lobt", "unterstützt", "backs")

    def __init__(self) -> None:
        self.version = "fake-1"
        self.tone_threshold = 0.4
        self.relation_threshold = 0.4
        self.read_texts: list[str] = []

    def read_all(self, asked: Sequence[Asked]) -> list[SentenceReading]:
        return [self._read(one) for one in asked]

    def _read(self, asked: Asked) -> SentenceReading:
        text, spans = asked.text, asked.spans
        self.read_texts.append(text)
        first = min(range(len(spans)), key=lambda i: spans[i][0], default=0)
        relations = {(i, j): self._stance(text if i == first else "") for i, j in asked.wanted}
        tones = tuple(Probabilities(*self._parts("" if i == first else text)) for i in range(len(spans)))
        return SentenceReading(tones, relations)

    def _stance(self, text: str) -> RelationProbabilities:
        return RelationProbabilities(*self._parts(text))

    def _parts(self, text: str) -> tuple[float, float, float]:
        if any(word in text for word in self.HOSTILE):
            return 0.9, 0.05, 0.05
        return (0.05, 0.05, 0.9) if any(word in text for word in self.FRIENDLY) else (0.1, 0.8, 0.1)


@dataclass(slots=True)
class FakeFaustMessage:
    """What a Faust event carries of its Kafka record."""

    value: bytes | None
    key: bytes | None = b"key"
    topic: str = "riftwatch.readings"
    partition: int = 0
    offset: int = field(default_factory=itertools.count().__next__)
    timestamp: float = 1_737_585_000.0
    headers: dict[str, bytes] = field(default_factory=dict)


class FakeEvent:
    """A Faust event around one value."""

    def __init__(self, value: bytes | None, partition: int = 0) -> None:
        self.message = FakeFaustMessage(value, partition=partition)


class FakeSender:
    """A sender whose broker acknowledges at once, or refuses what is larger than `limit` (a letter: twice that)."""

    def __init__(self, limit: int = 2_000_000) -> None:
        self.sent: list[Outgoing] = []
        self.limit = limit

    async def send(self, batch: Sequence[Outgoing], stage: str) -> None:
        if any(
            len(out.value or b"") > self.limit * out.topic.max_bytes // MAX_MESSAGE_BYTES for out in batch
        ):
            raise Reject("too_large", stage)
        self.sent += batch


Row = TypeVar("Row", bound=msgspec.Struct)


class FakeTable(Generic[Row]):
    """A RowTable without Faust."""

    def __init__(self, topic: Topic, kind: type[Row]) -> None:
        self._topic = topic
        self._kind = kind
        self.rows_kept: dict[bytes, bytes] = {}

    def get(self, key: str) -> Row | None:
        value = self.rows_kept.get(key.encode())
        return None if value is None else msgspec.json.decode(value, type=self._kind)

    def rows(self) -> Iterator[tuple[str, Row]]:
        for key, value in self.rows_kept.items():
            yield key.decode(), msgspec.json.decode(value, type=self._kind)

    def write(self, key: str, row: Row | None, partition: int) -> Outgoing:
        return Outgoing(
            self._topic, key.encode(), None if row is None else msgspec.json.encode(row), partition
        )

    def keep(self, written: Outgoing) -> None:
        if written.value is None:
            self.rows_kept.pop(written.key, None)
        else:
            self.rows_kept[written.key] = written.value


class FakeStarter:
    """Stands in for what starts processes: notes what it is asked for and starts nothing."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []

    def start(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None,
        output: int | IO[bytes] = subprocess.DEVNULL, user: str | None = None,
    ) -> subprocess.Popen[bytes]:  # fmt: skip
        self.asked.append(argv)
        raise FileNotFoundError(argv[0])

    def stop(self, children: Sequence[subprocess.Popen[bytes]], grace_s: float) -> list[int]:
        return []
