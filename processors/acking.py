"""Offsets move only over what was handled.

Faust also acknowledges what it skips while partitions move, and the background reader of a batching agent goes on
acknowledging after the agent itself has stopped. A commit in that moment, and a kill before Kafka delivers those
records again, loses them for good. So this consumer takes an acknowledgement only for records that an agent has
marked as handled; the others stay uncommitted and come again.
"""

from __future__ import annotations

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
