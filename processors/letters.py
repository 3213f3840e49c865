"""Dead letters: a record that cannot be processed is kept with its bytes, its place and its reason."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

import faust

from processors.sending import Outgoing
from riftwatch import __version__, metrics
from riftwatch.errors import Reject
from riftwatch.records import DeadLetter, encode
from riftwatch.topics import DEAD_LETTERS

MAX_ERROR_CHARS = 300


def dead_letter(event: faust.Event, stage: str, error: Exception) -> Outgoing:
    """Return the dead letter of one event; its time is the one Kafka stamped on the record."""
    message = event.message
    reason = error.reason if isinstance(error, Reject) else "step_failed"
    metrics.DEAD_LETTERS.labels(stage, reason).inc()
    metrics.RECORDS.labels(stage, "dead").inc()
    letter = DeadLetter(
        letter_id=f"{message.topic}-{message.partition}-{message.offset}",
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=message.value,
        headers=_headers(message.headers),
        stage=stage,
        reason=reason,
        error=f"{type(error).__name__}: {error}"[:MAX_ERROR_CHARS],
        where=_place(error),
        failed_at=datetime.fromtimestamp(message.timestamp, UTC),
        version=__version__,
    )
    return Outgoing(DEAD_LETTERS, message.key or b"", encode(letter))


def _headers(
    headers: Mapping[str, bytes] | Iterable[tuple[str, bytes]] | None,
) -> tuple[tuple[str, bytes], ...]:
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    return tuple((name, bytes(value)) for name, value in pairs)


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
