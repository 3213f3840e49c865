"""Offsets move only over what was handled.

Faust also acknowledges what it skips while partitions move, and the background reader of a batching agent goes on
acknowledging after the agent itself has stopped. A commit in that moment, and a kill before Kafka delivers those
records again, loses them for good. So this consumer takes an acknowledgement only for records that an agent has
marked as handled; the others stay uncommitted and come again.

They come again only if the position goes back to them. After a recovery Faust seeks to the committed offsets and a
moment later empties the queues of the agents; what was fetched in between was thrown away, with the position behind
it. So from before the seek until the flow is resumed nothing is fetched, and a fetch under way is finished first.

A partition of which nothing was ever committed has nowhere to be sought back to: aiokafka leaves its position where it
is, and the first records of a new group would be gone. It goes back to the oldest record instead, and no offset moves
before that one is handled.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import faust
from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP
from mode.utils.futures import notify

from riftwatch.topics import ITEMS, READINGS

AGENT_TOPICS = frozenset({ITEMS.name, READINGS.name})


class CarefulConsumer(Consumer):
    """Faust's Kafka consumer, acknowledging only handled records."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.handled: set[tuple[TP, int]] = set()
        self._oldest: dict[TP, int] = {}  # of partitions without a commit: where their reading began
        self._may_fetch = asyncio.Event()
        self._may_fetch.set()
        self._between_fetches = asyncio.Event()
        self._between_fetches.set()

    async def getmany(self, timeout: float) -> AsyncIterator[Any]:  # noqa: ASYNC109  # Faust's signature
        """Fetch one batch of messages and yield them, unless a seek is under way; then wait for its end."""
        while not (self._may_fetch.is_set() or self.should_stop):
            await self.wait_for_stopped(self._may_fetch.wait())
        self._between_fetches.clear()
        try:
            async for place_and_message in super().getmany(timeout):
                yield place_and_message
        finally:
            self._between_fetches.set()

    async def perform_seek(self) -> None:
        """Go back to the committed offsets; nothing is fetched from now on until the flow is resumed."""
        # With the flow stopped it is a fetch that asks for this, and whoever resumes the flow seeks before.
        if self.flow_active:
            self._may_fetch.clear()
            await self._between_fetches.wait()
        await super().perform_seek()
        await self._rewind()

    async def _rewind(self) -> None:
        """Go back to the oldest record of each partition of which nothing was ever committed."""
        fresh = [
            tp for tp in self.assignment() if tp.topic in AGENT_TOPICS and not self._committed_offset[tp]
        ]
        if not fresh:
            return
        for tp, offset in (await self.earliest_offsets(*fresh)).items():
            await self.seek(tp, offset)
            self._read_offset[tp] = None
            self._oldest[tp] = offset

    def resume_flow(self) -> None:
        """Let messages come again."""
        super().resume_flow()
        self._may_fetch.set()

    def _new_offset(self, tp: TP) -> int | None:
        """Return the offset to commit; Faust's own would pass over a first record that is still under way."""
        acked, committed = self._acked[tp], self._committed_offset[tp]
        if tp.topic in AGENT_TOPICS and acked and not committed and min(acked) > self._oldest.get(tp, 0):
            return None
        if tp.topic in AGENT_TOPICS and acked and committed:
            first_is_missing = min(acked) == committed + 1 and not self._gap[tp].overlaps(committed + 1)
            if first_is_missing:
                return None
        found: int | None = super()._new_offset(tp)
        return found

    def ack(self, message: Any) -> bool:
        """Acknowledge a record if an agent has handled it; return whether the offset may move over it."""
        place = (message.tp, message.offset)
        if message.topic in AGENT_TOPICS and place not in self.handled:
            self._unacked_messages.discard(message)  # or a rebalance would wait for it in vain
            notify(self._waiting_for_ack)
            return False
        self.handled.discard(place)
        return bool(super().ack(message))


def use_careful_consumer(app: faust.App) -> None:
    """Make the app read with a CarefulConsumer; call it before the app starts."""
    app.transport.Consumer = CarefulConsumer  # type: ignore[misc]  # of this app's transport alone


async def acknowledge(app: faust.App, stream: Any, event: faust.Event) -> None:
    """Let the offset move over an event whose results are all in Kafka."""
    cast("CarefulConsumer", app.consumer).handled.add((event.message.tp, event.message.offset))
    await stream.ack(event)
