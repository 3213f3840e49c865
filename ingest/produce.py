"""Sending to Kafka from the event loop: everything acknowledged, or Retry.

kafka-python blocks, so it is called in a thread of its own; its acknowledgements come back as awaitables.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from kafka.errors import KafkaError

from riftwatch.errors import Retry
from riftwatch.records import Record, encode
from riftwatch.topics import Topic

ACK_S = 60.0  # kafka-python itself gives up a batch after two minutes


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record on its way."""

    topic: Topic
    key: str
    record: Record
    partition: int | None = None  # None: by the key


class Acknowledgement(Protocol):
    """What a Kafka producer returns for a record."""

    def add_callback(self, done: Callable[[object], object]) -> object:
        """Call `done` once the record is acknowledged."""

    def add_errback(self, failed: Callable[[BaseException], object]) -> object:
        """Call `failed` when it never will be."""


class Producer(Protocol):
    """The part of kafka-python's producer that is used."""

    def send(self, topic: str, *, value: bytes, key: bytes, partition: int | None) -> Acknowledgement:
        """Queue a record; may block while the broker is away."""


class Sender:
    """Sends records and waits for their acknowledgement."""

    def __init__(self, producer: Producer, ack_s: float = ACK_S) -> None:
        self._producer = producer
        self._ack_s = ack_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="produce")

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Return once all are acknowledged; raises Retry if any is not, when some may have arrived."""
        if not records:
            return
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._ack_s):
                started = await loop.run_in_executor(self._thread, self._start, records)
                await asyncio.gather(*map(asyncio.wrap_future, started))
        except (KafkaError, TimeoutError) as error:
            raise Retry(f"the broker did not take {len(records)} records ({type(error).__name__})") from error

    def stop(self) -> None:
        """Wait for nothing more; what is unacknowledged is sent again by the next poll."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _start(self, records: Iterable[Outgoing]) -> list[Future[object]]:
        return [self._one(record) for record in records]

    def _one(self, out: Outgoing) -> Future[object]:
        done: Future[object] = Future()
        sent = self._producer.send(
            out.topic.name,
            value=encode(out.record),
            key=out.key.encode("utf-8", "replace"),
            partition=out.partition,
        )
        sent.add_callback(lambda _: _settle(done, None))
        sent.add_errback(lambda error: _settle(done, error))
        return done


def _settle(done: Future[object], error: BaseException | None) -> None:
    """Pass on what became of a record, unless nobody waits for it any more."""
    if not done.set_running_or_notify_cancel():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)
