"""The poller's loop: at each turn, start what is due and polite to start.

It never waits for a slow feed: polls run side by side, and the next turn looks again at what is due.
"""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime

from ingest.delivery import Delivery
from ingest.feeds import Feed
from ingest.neighbours import Neighbours
from ingest.pulse import Pulse
from ingest.roster import Roster
from ingest.standstill import Standstill
from ingest.turns import fairly
from ingest.underway import UnderWay
from ingest.world import World
from riftwatch.clock import monotonic

STOP_S = 5.0  # for polls under way to finish when the process is told to stop


class Poller:
    """Polls the feeds of the partitions that this process is assigned."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._neighbours = Neighbours(world.settings.poll_host_gap_s, world.hosts)
        self._standstill = Standstill()
        self.roster = Roster(world, self._neighbours)
        self._delivery = Delivery(world, self.roster, self._neighbours, self._standstill)
        self._pulse = Pulse(world, self._standstill)
        self._under_way = UnderWay()
        self._waiting: deque[Feed] = deque()  # due at the last turn, in fair order

    async def run(self, stopping: asyncio.Event) -> None:
        """Poll until told to stop; then give the polls under way a moment to be acknowledged."""
        try:
            while not stopping.is_set():
                self.turn()
                await self._until_next_turn(stopping)
        finally:
            await self._wind_down()

    def turn(self) -> int:
        """Start what may start now and return how many polls that were; raises what ended the memory."""
        self._settle()
        now, at = self._world.clock.now(), monotonic()
        self.roster.learn(now, at)
        due = self.roster.due(now, self._under_way)
        self._waiting = deque(fairly(due))
        started = self._fill(now)
        share = self.roster.share
        quiet = not due and not self._under_way and not share.reading
        self._pulse.beat(self._under_way.since(now), at, share, quiet=quiet)
        return started

    @property
    def waiting(self) -> int:
        """How many feeds are due or under way."""
        return len(self._waiting) + len(self._under_way)

    async def idle(self) -> None:
        """Wait until no poll and no canary is under way."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)
            self._settle()

    async def _until_next_turn(self, stopping: asyncio.Event) -> None:
        """Wait for the next turn; meanwhile start waiting feeds as others finish."""
        end = monotonic() + self._world.settings.poll_turn_s
        freed = self._under_way.freed
        while (left_s := end - monotonic()) > 0 and not stopping.is_set():
            wanted = [stopping.wait(), *([freed.wait()] if self._waiting else [])]
            tasks = [asyncio.ensure_future(one) for one in wanted]
            await asyncio.wait(tasks, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            if freed.is_set():
                self._settle()
                self._fill(self._world.clock.now())

    def _fill(self, now: datetime) -> int:
        """Start waiting feeds while there is room; who must wait for politeness is found by the next turn."""
        self._under_way.freed.clear()
        at, started = monotonic(), 0
        # On a stepped clock a canary waits for the feeds, and so cannot find out whether the broker is back.
        canary = not self._world.stepped and bool(self.roster.share.ready)
        room = self._standstill.room(at, self._world.settings.poll_parallel, canary=canary)
        while self._waiting and len(self._under_way) < room:
            started += self._start(self._waiting.popleft(), now, at)
        return started

    def _start(self, feed: Feed, now: datetime, at: float) -> bool:
        """Start a feed's poll unless it is held back or its host wants to be left alone."""
        url = self.roster.address(feed)
        if self._delivery.holds(feed, at):
            return False
        if not self.roster.is_told(feed):  # a message asks nobody for anything
            if not self._neighbours.may_start(url, at):
                return False
            self._neighbours.started(feed.feed_id, url, at)
        self._under_way.start(feed.feed_id, self._delivery.run(feed, url, now), now)
        return True

    def _settle(self) -> None:
        """Take leave of finished tasks; an exception that none of them expected ends the poller."""
        self._under_way.settle()
        self._pulse.settle()

    def _tasks(self) -> list[asyncio.Task[None]]:
        return [*self._under_way.tasks, *self._pulse.tasks]

    async def _wind_down(self) -> None:
        tasks = self._tasks()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
