"""Sending to Kafka from the event loop: everything acknowledged, or Retry.

kafka-python blocks, so it is called in a thread of its own; its acknowledgements come back as awaitables.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
    """Sends records and waits for their acknowledgement.

    What is asked for while the thread is busy goes out in its next turn, and acknowledgements that come together
    wake the loop once: with a thousand polls a second the switching would otherwise cost more than the sending.
    """

    def __init__(self, producer: Producer, ack_s: float = ACK_S) -> None:
        self._producer = producer
        self._ack_s = ack_s
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="produce")
        self._lock = threading.Lock()
        self._asked: list[_Parcel] = []  # not yet seen by the thread
        self._ended: list[tuple[_Parcel, BaseException | None]] = []  # not yet seen by the loop

    async def send(self, records: Sequence[Outgoing]) -> None:
        """Return once all are acknowledged; raises Retry if any is not, when some may have arrived."""
        if not records:
            return
        parcel = _Parcel(list(records), asyncio.get_running_loop().create_future(), len(records))
        with self._lock:
            self._asked.append(parcel)
            first = len(self._asked) == 1
        if first:
            self._thread.submit(self._start_asked)
        try:
            async with asyncio.timeout(self._ack_s):
                await parcel.done
        except (KafkaError, TimeoutError) as error:
            raise Retry(f"the broker did not take {len(records)} records ({type(error).__name__})") from error

    def stop(self) -> None:
        """Wait for nothing more; what is unacknowledged is sent again by the next poll."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _start_asked(self) -> None:
        with self._lock:
            parcels, self._asked = self._asked, []
        for parcel in parcels:
            if not parcel.done.cancelled():
                self._start(parcel)

    def _start(self, parcel: _Parcel) -> None:
        records, parcel.records = parcel.records, []  # the callbacks must not keep articles alive
        try:
            for out in records:
                sent = self._producer.send(
                    out.topic.name,
                    value=encode(out.record),
                    key=out.key.encode("utf-8", "replace"),
                    partition=out.partition,
                )
                sent.add_callback(lambda _: self._acknowledged(parcel))
                sent.add_errback(lambda error: self._end(parcel, error))
        except Exception as error:
            self._end(parcel, error)

    def _acknowledged(self, parcel: _Parcel) -> None:
        with self._lock:
            parcel.left -= 1
            last = parcel.left == 0
        if last:
            self._end(parcel, None)

    def _end(self, parcel: _Parcel, error: BaseException | None) -> None:
        with self._lock:
            self._ended.append((parcel, error))
            first = len(self._ended) == 1
        if first:
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                parcel.done.get_loop().call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        with self._lock:
            ended, self._ended = self._ended, []
        for parcel, error in ended:
            if parcel.done.done():
                continue  # refused before, or given up
            if error is None:
                parcel.done.set_result(None)
            else:
                parcel.done.set_exception(error)


@dataclass(slots=True, eq=False)
class _Parcel:
    """Records that are waited for together."""

    records: list[Outgoing]
    done: asyncio.Future[None]
    left: int  # not yet acknowledged
