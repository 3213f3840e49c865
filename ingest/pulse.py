"""The poller's pulse: canaries sent when they are due, which also find out whether the broker is back."""

from __future__ import annotations

import asyncio
from datetime import datetime

from ingest.heartbeat import CanaryClock, canaries
from ingest.memory import Share
from ingest.standstill import Standstill
from ingest.world import World
from riftwatch import log, metrics
from riftwatch.clock import monotonic
from riftwatch.errors import Retry

logger = log.get(__name__)


class Pulse:
    """Sends canaries, one round of them at a time."""

    def __init__(self, world: World, standstill: Standstill) -> None:
        self._world = world
        self._standstill = standstill
        self._canaries = CanaryClock(world.settings.canary_s, stepped=world.stepped)
        self._sending: asyncio.Task[None] | None = None

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """The round under way, if there is one."""
        return [self._sending] if self._sending else []

    def beat(self, time: datetime, at: float, share: Share, *, quiet: bool) -> None:
        """Send canaries when they are due; they speak for the partitions that this poller polls.

        They carry the start of the oldest poll under way: whatever was fetched before that is acknowledged.
        On a stepped clock they wait until all is quiet: every due feed was polled at the present time.
        """
        if not share.ready:
            metrics.HEARTBEAT.remove("poll")  # who polls nothing says nothing about time
        elif self._sending is None and (quiet or not self._world.stepped) and self._is_due(time, at):
            self._sending = asyncio.create_task(self._send(time, share), name="canaries")

    def settle(self) -> None:
        """Take leave of a finished round; raises an exception that it did not expect."""
        if self._sending is not None and self._sending.done():
            sent, self._sending = self._sending, None
            sent.result()

    def _is_due(self, time: datetime, at: float) -> bool:
        if self._standstill.holds:
            return self._standstill.may_try(at)
        return self._canaries.is_due(time, at)

    async def _send(self, time: datetime, share: Share) -> None:
        try:
            await self._world.sender.send(
                canaries(time, self._world.item_partitions, share.ready, share.partitions)
            )
        except Retry as error:
            logger.warning("canaries not sent", status="retry", error=str(error))
            self._standstill.refused(monotonic())
            return
        self._standstill.acknowledged()
        self._canaries.sent(time, monotonic())
        metrics.HEARTBEAT.labels("poll").set(time.timestamp())
