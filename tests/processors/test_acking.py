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


async def test_a_first_record_under_way_holds_the_commit(consumer: CarefulConsumer) -> None:
    place = Message(0).tp
    consumer._committed_offset[place] = 37
    for offset in (38, 39):
        consumer.handled.add((place, offset))
        consumer.ack(Message(offset))
    assert consumer._new_offset(place) is None
    consumer.handled.add((place, 37))
    consumer.ack(Message(37))
    assert consumer._new_offset(place) == 40


async def test_records_that_retention_removed_hold_nothing(consumer: CarefulConsumer) -> None:
    place = Message(0).tp
    consumer._committed_offset[place] = 37
    await consumer._add_gap(place, 38, 99)
    consumer.handled.add((place, 100))
    consumer.ack(Message(100))
    assert consumer._new_offset(place) == 101


async def test_nothing_is_fetched_from_a_seek_until_the_flow_is_resumed(consumer: CarefulConsumer) -> None:
    log: list[str] = []

    class Recording(CarefulConsumer):
        async def _wait_next_records(self, _: float):  # type: ignore[no-untyped-def]
            log.append("fetch")
            await asyncio.sleep(0.01)
            log.append("fetched")
            return None, None

        def assignment(self) -> set[TP]:
            return set()

        async def seek_to_committed(self):  # type: ignore[no-untyped-def]
            log.append("seek")
            return {}

    consumer.__class__ = Recording

    async def fetch_one_batch() -> None:
        async for _ in consumer.getmany(1.0):
            pass

    consumer.resume_flow()
    under_way = asyncio.create_task(fetch_one_batch())
    await asyncio.sleep(0)
    await consumer.perform_seek()
    later = asyncio.create_task(fetch_one_batch())
    await asyncio.sleep(0.02)
    assert log == ["fetch", "fetched", "seek"]
    consumer.resume_flow()
    await asyncio.gather(under_way, later)
    assert log == ["fetch", "fetched", "seek", "fetch", "fetched"]


async def test_a_seek_while_the_flow_is_stopped_waits_for_nobody(consumer: CarefulConsumer) -> None:
    consumer.stop_flow()
    consumer._between_fetches.clear()

    async def seek() -> dict[TP, int]:
        return {}

    consumer.seek_to_committed = seek  # type: ignore[method-assign]
    consumer.assignment = set  # type: ignore[method-assign,assignment]
    await asyncio.wait_for(consumer.perform_seek(), timeout=10)
    assert consumer._may_fetch.is_set()


class Fresh(CarefulConsumer):
    """A consumer on partitions of which nothing was ever committed; remembers where it was sent."""

    places: frozenset[TP] = frozenset({TP(ITEMS.name, 0), TP("changelog", 0)})

    def assignment(self) -> set[TP]:
        return set(self.places)

    async def seek_to_committed(self) -> dict[TP, int | None]:
        return dict.fromkeys(self.places)

    async def earliest_offsets(self, *partitions: TP) -> dict[TP, int]:
        return dict.fromkeys(partitions, 7)

    async def _seek(self, partition: TP, offset: int) -> None:
        self.sought = [*getattr(self, "sought", []), (partition, offset)]


async def test_without_a_commit_reading_begins_again_at_the_oldest_record(consumer: CarefulConsumer) -> None:
    """aiokafka would stay behind what was fetched and thrown away: the first records of a new group were lost."""
    consumer.__class__ = Fresh
    assert isinstance(consumer, Fresh)
    place = TP(ITEMS.name, 0)
    consumer._read_offset[place] = 9
    await consumer.perform_seek()
    assert consumer.sought == [(place, 7)]
    assert consumer._read_offset[place] is None


async def test_the_first_offset_waits_for_the_oldest_record(consumer: CarefulConsumer) -> None:
    consumer.__class__ = Fresh
    await consumer.perform_seek()
    for offset, expected in ((8, None), (7, 9)):
        message = Message(offset)
        consumer.handled.add((message.tp, offset))
        consumer.ack(message)
        assert consumer._new_offset(message.tp) == expected
