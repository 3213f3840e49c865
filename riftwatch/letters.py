"""Dead letters: a record that cannot be processed is kept with its bytes, its place and its reason.

Builds the letter; whoever reads the record sends it and goes on only once the broker has it.
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol

from riftwatch import __version__
from riftwatch.errors import Reject
from riftwatch.records import DeadLetter
from riftwatch.topics import MAX_LETTER_BYTES

MAX_ERROR_CHARS = 300
# Base64 makes four bytes of three, and the rest of the letter needs some room.
MAX_VALUE_BYTES = (MAX_LETTER_BYTES - 50_000) * 3 // 4


class Received(Protocol):
    """One record as a Kafka client hands it out."""

    @property
    def topic(self) -> str: ...  # noqa: D102
    @property
    def partition(self) -> int: ...  # noqa: D102
    @property
    def offset(self) -> int: ...  # noqa: D102
    @property
    def timestamp(self) -> int: ...  # noqa: D102  # ms since 1970, by the broker
    @property
    def key(self) -> bytes | None: ...  # noqa: D102
    @property
    def value(self) -> bytes | None: ...  # noqa: D102
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...  # noqa: D102


def letter_of(message: Received, stage: str, error: Exception, attempt: int = 1) -> DeadLetter:
    """Return the dead letter of a record; its time is the one Kafka stamped on the record.

    A value too large for a letter stays where it is: topic, partition and offset say where.
    """
    value, said = message.value, f"{type(error).__name__}: {error}"
    size = len(value or b"")
    if size > MAX_VALUE_BYTES:
        value, said = None, f"[{size} bytes left at their place] {said}"
    return DeadLetter(
        letter_id=f"{message.topic}-{message.partition}-{message.offset}",
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        value=value,
        headers=tuple((name, bytes(content or b"")) for name, content in message.headers or ()),
        stage=stage,
        reason=error.reason if isinstance(error, Reject) else "step_failed",
        error=said[:MAX_ERROR_CHARS],
        where=_place(error),
        attempt=attempt,
        failed_at=datetime.fromtimestamp(max(0, message.timestamp) / 1000, UTC),
        version=__version__,
    )


def _place(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
