"""Sending from the Faust shell: nothing is given up, order within a partition is kept.

A send that fails is tried again with back-off while its event is held: the offset does not move, so Kafka
holds the rest. What a retry sends twice is harmless, because every id is a function of content.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import faust
from aiokafka.errors import KafkaError, MessageSizeTooLargeError

from riftwatch import log, metrics
from riftwatch.errors import Reject
from riftwatch.records import Record, encode
from riftwatch.topics import Topic

SEND_TIMEOUT_S = 30.0
MAX_PAUSE_S = 15.0  # well under stream_processing_timeout

logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One value on its way to a topic; a None value is a tombstone."""

    topic: Topic
    key: bytes
    value: bytes | None
    partition: int | None = None  # None: the key's own partition


def outgoing(topic: Topic, key: str, record: Record, partition: int | None = None) -> Outgoing:
    """Return a record ready to be sent."""
    return Outgoing(topic, key.encode(), encode(record), partition)


class Sender:
    """Sends to the topics of one Faust app."""

    def __init__(self, app: faust.App, before_sending: Callable[[], None] = lambda: None) -> None:
        self._app = app
        self._before_sending = before_sending
        self._channels: dict[str, Any] = {}  # Any: Faust's topics carry no types

    async def send(self, batch: Sequence[Outgoing], stage: str) -> None:
        """Send all of `batch` in order and return when the broker has acknowledged every one.

        Raises Reject("too_large") when a value can never be sent; everything else is tried again.
        """
        pause = 0.2
        while True:
            try:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await self._send_once(batch)
                return
            except MessageSizeTooLargeError as error:
                raise Reject("too_large", str(error)) from error
            except (KafkaError, TimeoutError, OSError) as error:
                metrics.RETRIES.labels(stage, type(error).__name__).inc()
                logger.warning("send failed, trying again", status="retry", stage=stage, error=str(error))
                await asyncio.sleep(random.uniform(pause / 2, pause))
                pause = min(pause * 2, MAX_PAUSE_S)

    async def _send_once(self, batch: Sequence[Outgoing]) -> None:
        self._before_sending()
        acknowledged: list[Awaitable[object]] = [
            await self._channel(out.topic).send(
                key=out.key,
                value=out.value,
                partition=out.partition,
                key_serializer="raw",
                value_serializer="raw",
            )
            for out in batch
        ]
        await asyncio.gather(*acknowledged)

    def _channel(self, topic: Topic) -> Any:
        channel = self._channels.get(topic.name)
        if channel is None:
            channel = self._channels[topic.name] = self._app.topic(
                topic.name, key_type=bytes, value_type=bytes, value_serializer="raw", key_serializer="raw"
            )
        return channel
