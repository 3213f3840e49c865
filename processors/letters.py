"""Dead letters of the Faust agents: a Faust event as the spine's letters want it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import faust

from processors.sending import Outgoing
from riftwatch import metrics
from riftwatch.letters import letter_of
from riftwatch.records import encode
from riftwatch.topics import DEAD_LETTERS


@dataclass(frozen=True, slots=True)
class _Received:
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def dead_letter(event: faust.Event, stage: str, error: Exception) -> Outgoing:
    """Return the dead letter of one event, counted."""
    message = event.message
    received = _Received(
        message.topic,
        message.partition,
        message.offset,
        int(message.timestamp * 1000),
        message.key,
        message.value,
        _headers(message.headers),
    )
    letter = letter_of(received, stage, error)
    metrics.DEAD_LETTERS.labels(stage, letter.reason).inc()
    metrics.RECORDS.labels(stage, "dead").inc()
    return Outgoing(DEAD_LETTERS, message.key or b"", encode(letter))


def buried(values: Iterable[Outgoing]) -> int:
    """Return how many of the values are dead letters."""
    return sum(value.topic is DEAD_LETTERS for value in values)


def _headers(
    headers: Mapping[str, bytes] | Iterable[tuple[str, bytes]] | None,
) -> tuple[tuple[str, bytes], ...]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    return tuple((name, bytes(value)) for name, value in pairs)
