from __future__ import annotations

import pytest

from ingest.heartbeat import canaries
from ingest.produce import Producer, Sender
from riftwatch.errors import Retry
from riftwatch.topics import ITEMS
from tests.ingest.fakes import FakeBroker
from tests.ingest.samples import NOW


class SilentBroker:
    """A broker that takes records and never says so."""

    def send(self, topic: str, *, value: bytes, key: bytes, partition: int | None) -> SilentBroker:
        return self

    def add_callback(self, done: object) -> None:
        """Never called back."""

    def add_errback(self, failed: object) -> None:
        """Never called back."""


async def send(producer: Producer, count: int = 3) -> None:
    sender = Sender(producer, ack_s=0.2)
    try:
        await sender.send(canaries(NOW, count, [0], 1))
    finally:
        sender.stop()


async def test_it_returns_once_everything_is_acknowledged() -> None:
    broker = FakeBroker()
    await send(broker)
    assert [(key, partition) for _, key, _, partition in broker.sent] == [
        ("canary-0", 0), ("canary-1", 1), ("canary-2", 2),
    ]  # fmt: skip


async def test_a_refusal_and_a_silence_are_to_be_tried_again() -> None:
    refusing = FakeBroker()
    refusing.refusing = {ITEMS.name}
    with pytest.raises(Retry, match="did not take 3 records"):
        await send(refusing)
    with pytest.raises(Retry):
        await send(SilentBroker())


async def test_nothing_to_send_asks_nobody() -> None:
    await send(SilentBroker(), 0)
