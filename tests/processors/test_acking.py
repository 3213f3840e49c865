"""An acknowledgement that no agent asked for moves no offset."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

import faust
import pytest
from faust.types import TP

from processors.acking import CarefulConsumer, use_careful_consumer
from riftwatch.topics import ITEMS


@dataclass(eq=False)
class Message:
    """What the consumer looks at."""

    offset: int
    topic: str = ITEMS.name
    acked: bool = False

    @property
    def tp(self) -> TP:
        return TP(self.topic, 0)


@pytest.fixture
async def consumer() -> AsyncIterator[CarefulConsumer]:
    loop = asyncio.get_running_loop()
    app = faust.App(
        "acking-under-test", broker="kafka://127.0.0.1:1", store="memory://", web_enabled=False, loop=loop
    )
    use_careful_consumer(app)
    app.topics.acks_enabled_for = lambda _topic: True
    made = app._new_consumer()
    assert isinstance(made, CarefulConsumer)
    yield made
    made._thread.thread_loop.close()


async def test_what_was_skipped_stays_uncommitted(consumer: CarefulConsumer) -> None:
    skipped = Message(0)
    consumer._unacked_messages.add(skipped)
    assert consumer.ack(skipped) is False
    assert consumer._new_offset(skipped.tp) is None
    assert skipped not in consumer._unacked_messages


async def test_what_was_handled_is_committed_once(consumer: CarefulConsumer) -> None:
    handled = Message(0)
    consumer.handled.add((handled.tp, handled.offset))
    assert consumer.ack(handled) is True
    assert consumer._new_offset(handled.tp) == 1
    assert consumer.handled == set()


async def test_topics_of_faust_itself_are_left_alone(consumer: CarefulConsumer) -> None:
    assert consumer.ack(Message(0, topic="riftwatch-stories-changelog")) is True
