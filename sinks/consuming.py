"""What both sinks do with Kafka: take a batch, wait without leaving the group, commit, send dead letters.

Offsets are committed only for what is written, and only explicitly: a position that merely moved on is none.
"""

from __future__ import annotations

import random
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FrameType
from typing import Any, Protocol

from kafka import TopicPartition
from kafka.errors import KafkaError
from kafka.structs import OffsetAndMetadata

from riftwatch import log, metrics
from riftwatch.clock import monotonic
from riftwatch.errors import Retry
from riftwatch.letters import Received, letter_of
from riftwatch.records import encode
from riftwatch.topics import DEAD_LETTERS
from stores.base import Unfinished

ACK_TIMEOUT_S = 30.0
FIRST_WAIT_S = 0.2
LONGEST_WAIT_S = 30.0
BLOCKED = "blocked"
PATIENCE_S = 60.0  # three sessions: a rebalance, even one after a kill, is over by then

logger = log.get(__name__)

Batch = Mapping[TopicPartition, Sequence[Received]]


class Consumer(Protocol):
    """The part of kafka-python's consumer that a sink uses."""

    def poll(self, timeout_ms: int = 0, max_records: int | None = None) -> dict[Any, list[Any]]: ...  # noqa: D102
    def commit(self, offsets: dict[Any, Any]) -> None: ...  # noqa: D102
    def assignment(self) -> set[Any]: ...  # noqa: D102
    def pause(self, *partitions: Any) -> None: ...  # noqa: D102
    def resume(self, *partitions: Any) -> None: ...  # noqa: D102
    def seek(self, partition: Any, offset: int) -> None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Producer(Protocol):
    """The part of kafka-python's producer that a sink uses."""

    def send(self, topic: str, value: bytes, key: bytes) -> Any: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


class Stop:
    """Set by SIGTERM or SIGINT; a loop that sees it finishes what it holds and ends."""

    def __init__(self) -> None:
        self.wanted = False

    def on_signals(self) -> None:
        """Listen for both signals from now on."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._heard)

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        logger.info("stopping", status="stopping", signal=signal.Signals(number).name)
        self.wanted = True


def wait_s(attempt: int) -> float:
    """Return how long to wait before attempt + 1: exponential, with full jitter."""
    return random.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(attempt, 20)))


def hold(consumer: Consumer, seconds: float, stop: Stop) -> None:
    """Wait, taking no records but staying in the group; ends early when stopping."""
    until = monotonic() + seconds
    consumer.pause(*consumer.assignment())
    while monotonic() < until and not stop.wanted:
        early = consumer.poll(timeout_ms=max(1, min(200, int((until - monotonic()) * 1000))))
        for partition, messages in early.items():  # came with a rebalance, after the pause
            consumer.seek(partition, messages[0].offset)
        consumer.pause(*consumer.assignment())
    consumer.resume(*consumer.assignment())


def persist(work: Callable[[], None], consumer: Consumer, stop: Stop, stage: str) -> bool:
    """Do work until it succeeds, waiting after each Retry; False when stopped before that."""
    attempt = 0
    while True:
        try:
            work()
            return True
        except Retry as error:
            if isinstance(error, Unfinished) and any(error.settled):
                attempt = 0  # it takes some: no reason to wait for longer than the first time
            metrics.RETRIES.labels(stage, error.reason).inc()
            status = BLOCKED if error.reason == BLOCKED else "retry"  # blocked: only a person can help
            logger.warning("waiting", status=status, stage=stage, attempt=attempt, error=str(error))
            hold(consumer, wait_s(attempt), stop)
            if stop.wanted:
                return False
            attempt += 1


class Commits:
    """Offsets still owed to Kafka. A commit that fails is tried again at every turn, not forgotten.

    Redelivery is harmless, standing still is not: after PATIENCE_S without a successful commit, or without any
    partition for a consumer that had some, `settle` raises Retry, the role ends and its supervisor starts it afresh.
    """

    def __init__(self, consumer: Consumer, now: Callable[[], float] = monotonic) -> None:
        self._consumer = consumer
        self._now = now
        self._owed: dict[TopicPartition, int] = {}
        self._had_partitions = False
        self._well_at = now()

    def settle(self, batch: Batch | None = None) -> None:
        """Commit what of `batch` and of earlier turns is still ours; call it at every turn."""
        for partition, messages in (batch or {}).items():
            if messages:
                self._owed[partition] = messages[-1].offset + 1
        ours = self._consumer.assignment()
        self._had_partitions |= bool(ours)
        self._owed = {partition: offset for partition, offset in self._owed.items() if partition in ours}
        if self._committed() and (ours or not self._had_partitions):
            self._well_at = self._now()
        elif self._now() - self._well_at > PATIENCE_S:
            raise Retry("Kafka takes no commit or gives no partition; starting afresh")

    def _committed(self) -> bool:
        if not self._owed:
            return True
        try:
            self._consumer.commit(
                {partition: OffsetAndMetadata(offset, "", -1) for partition, offset in self._owed.items()}
            )
        except KafkaError as error:
            logger.warning("commit failed", status="redelivery", error=str(error))
            return False
        self._owed.clear()
        return True


class Letters:
    """Sends dead letters and waits until the broker has them."""

    def __init__(self, producer: Producer, stage: str) -> None:
        self._producer = producer
        self._stage = stage

    def send(self, dead: Iterable[tuple[Received, Exception]]) -> None:
        """Send one letter for each record; raises Retry when the broker does not take them.

        What comes from the dead letters themselves stays where it is, or it would come round for ever.
        """
        try:
            for future in [self._send(message, error) for message, error in dead]:
                if future is not None:
                    future.get(timeout=ACK_TIMEOUT_S)
        except KafkaError as error:  # sending too may wait for metadata of a broker that is gone
            raise Retry(f"dead letters are not acknowledged: {error}") from error

    def _send(self, message: Received, error: Exception) -> Any:  # Any: kafka-python's future
        letter = letter_of(message, self._stage, error)
        metrics.DEAD_LETTERS.labels(self._stage, letter.reason).inc()
        logger.warning(
            "dead letter", status="dead", id=letter.letter_id, reason=letter.reason, error=letter.error
        )
        if message.topic == DEAD_LETTERS.name:
            return None
        return self._producer.send(DEAD_LETTERS.name, value=encode(letter), key=message.key or b"")
