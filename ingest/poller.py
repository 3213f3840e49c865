"""The poller's loop: at each turn, start what is due and polite to start; send, await, then remember.

It never waits for a slow feed: polls run side by side, and the next turn looks again at what is due.
"""

from __future__ import annotations

import asyncio
import dataclasses
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from ingest.catalogue import Catalogue
from ingest.drift import Drift, from_the_future, moved
from ingest.feeds import Feed
from ingest.heartbeat import CanaryClock, canaries, counted, coverage
from ingest.hosts import HostRules
from ingest.hub import Hub
from ingest.liars import Liars
from ingest.memory import Memory, Share
from ingest.neighbours import Neighbours, ended
from ingest.outcome import Failure, Outcome
from ingest.pages import Pages
from ingest.poll import Deps, PollResult, poll_feed, take_message
from ingest.produce import Outgoing, Sender
from ingest.reporting import count_entries, report
from ingest.standstill import Standstill
from ingest.state import current
from ingest.turns import fairly
from riftwatch import log, metrics
from riftwatch.clock import Clock, WallClock, monotonic
from riftwatch.errors import Retry
from riftwatch.records import FeedState
from riftwatch.settings import Settings
from riftwatch.topics import FEEDS, ITEMS

STOP_S = 5.0  # for polls under way to finish when the process is told to stop
HOLD_S = 2.0  # before a poll whose items could not be sent, or that failed in a replay, is tried again
# In a replay the clock stands still meanwhile: a feed that these hit is tried again at the same time.
_PASSING = frozenset(
    {Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.DNS, Outcome.SERVER_ERROR, Outcome.PARSE_TIMEOUT}
)
logger = log.get(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Everything outside of the loop."""

    settings: Settings
    clock: Clock
    catalogue: Catalogue
    memory: Memory
    sender: Sender
    deps: Deps
    item_partitions: int
    hosts: HostRules = field(default_factory=HostRules)
    hub: Hub | None = None  # None: no WebSub
    pages: Pages | None = None  # None: no full text, as in a replay


class Poller:
    """Polls the feeds of the partitions that this process is assigned."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._stepped = not isinstance(world.clock, WallClock)
        self._neighbours = Neighbours(world.settings.poll_host_gap_s, world.hosts)
        self._liars = Liars()
        self._drift = Drift()
        self._canaries = CanaryClock(world.settings.canary_s, stepped=self._stepped)
        self._standstill = Standstill()
        self._share = Share(1, frozenset())
        self._states: dict[str, FeedState] = {}
        self._held: dict[str, float] = {}  # feed -> monotonic time before which it is left alone
        self._under_way: dict[str, _UnderWay] = {}
        self._waiting: deque[Feed] = deque()  # due at the last turn, in fair order
        self._freed = asyncio.Event()  # a poll has ended since the last look
        self._beating: asyncio.Task[None] | None = None
        if world.hub:
            world.hub.watch(self._state_of)

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
        self._learn(now, at)
        due = self._due(now)
        self._waiting = deque(fairly(due))
        started = self._fill(now)
        self._beat(now, at, quiet=not due and not self._under_way and not self._share.reading)
        return started

    @property
    def waiting(self) -> int:
        """How many feeds are due or under way."""
        return len(self._waiting) + len(self._under_way)

    async def _until_next_turn(self, stopping: asyncio.Event) -> None:
        """Wait for the next turn; meanwhile start waiting feeds as others finish."""
        end = monotonic() + self._world.settings.poll_turn_s
        while (left_s := end - monotonic()) > 0 and not stopping.is_set():
            wanted = [stopping.wait(), *([self._freed.wait()] if self._waiting else [])]
            tasks = [asyncio.ensure_future(one) for one in wanted]
            await asyncio.wait(tasks, timeout=left_s, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()
            if self._freed.is_set():
                self._settle()
                self._fill(self._world.clock.now())

    def _fill(self, now: datetime) -> int:
        """Start waiting feeds while there is room; who must wait for politeness is found by the next turn."""
        self._freed.clear()
        at, started = monotonic(), 0
        canary = not self._stepped and bool(self._share.ready)  # on a stepped clock it waits for the feeds
        room = self._standstill.room(at, self._world.settings.poll_parallel, canary=canary)
        while self._waiting and len(self._under_way) < room:
            started += self._start(self._waiting.popleft(), now, at)
        return started

    async def idle(self) -> None:
        """Wait until no poll and no canary is under way."""
        while tasks := self._tasks():
            await asyncio.wait(tasks)
            self._settle()

    def _tasks(self) -> list[asyncio.Task[None]]:
        beating = [self._beating] if self._beating else []
        return [one.task for one in self._under_way.values()] + beating

    def _settle(self) -> None:
        """Take leave of finished tasks; an exception that none of them expected ends the poller."""
        for feed_id, one in list(self._under_way.items()):
            if one.task.done():
                del self._under_way[feed_id]
                one.task.result()
        if self._beating is not None and self._beating.done():
            beaten, self._beating = self._beating, None
            beaten.result()

    def _learn(self, now: datetime, at: float) -> None:
        """Take over what the clock, the catalogue and the shared memory say."""
        jump = timedelta() if self._stepped else self._drift.jump(now, at)
        if jump:
            logger.warning("the clock was set", status="clock", seconds=round(jump.total_seconds()))
            self._states = {key: moved(state, jump) for key, state in self._states.items()}
        self._world.catalogue.refresh(at)
        before, self._share = self._share, self._world.memory.look()
        if not self._share.ready:
            metrics.HEARTBEAT.remove("poll")  # who polls nothing says nothing about time
        self._neighbours.share(len(self._share.ready), self._share.partitions)
        if before.ready - self._share.ready:
            self._states = {key: state for key, state in self._states.items() if self._share.learns(key)}
        for feed_id, state in self._share.news.items():
            ours = self._states.get(feed_id)
            if ours is None or _polled(state) >= _polled(ours):
                self._take_over(state if self._stepped else from_the_future(state, now), now, at)

    def _take_over(self, state: FeedState, now: datetime, at: float) -> None:
        """Go on where another poller, or this one before its restart, left off with a feed and its host."""
        self._states[state.feed_id] = state
        self._liars.learn(state)
        if state.asked_to_rest_until is not None and state.asked_to_rest_until > now:
            left_s = (state.asked_to_rest_until - now).total_seconds()
            self._neighbours.asked_to_rest(state.moved_url or state.url, at + left_s)

    def _due(self, now: datetime) -> list[Feed]:
        feeds = self._world.catalogue.feeds.values()
        return [feed for feed in feeds if self._share.owns(feed.feed_id) and self._is_due(feed, now)]

    def _is_due(self, feed: Feed, now: datetime) -> bool:
        if feed.feed_id in self._under_way:
            return False
        state = self._states.get(feed.feed_id)
        if state is None or state.next_poll_at is None or state.url != feed.url:
            return True
        return state.next_poll_at <= now or self._is_told(feed)

    def _is_told(self, feed: Feed) -> bool:
        """Return whether a hub has said something about a feed."""
        return self._world.hub is not None and self._world.hub.has(feed.feed_id)

    def _state_of(self, feed_id: str) -> FeedState | None:
        """Return the state of a feed that is ours and still listed."""
        ours = feed_id in self._world.catalogue.feeds and self._share.owns(feed_id)
        return self._states.get(feed_id) if ours else None

    def _start(self, feed: Feed, now: datetime, at: float) -> bool:
        known = self._states.get(feed.feed_id)
        url = (known and known.url == feed.url and known.moved_url) or feed.url
        if self._held.get(feed.feed_id, 0.0) > at:
            return False
        if not self._is_told(feed):  # a message asks nobody for anything
            if not self._neighbours.may_start(url, at):
                return False
            self._neighbours.started(feed.feed_id, url, at)
        task = asyncio.create_task(self._poll(feed, url, now), name=f"poll {feed.feed_id}")
        self._under_way[feed.feed_id] = _UnderWay(task, now)
        return True

    async def _poll(self, feed: Feed, url: str, now: datetime) -> None:
        """Poll, send, remember; in that order."""
        started = monotonic()
        before = self._states.get(feed.feed_id)
        before = before and self._liars.warned(before, now)
        failure: Failure | None = None
        try:
            result = await self._heard_or_polled(feed, before, now)
            failure = result.failure
            if self._world.pages and feed.full_text:
                items = await self._world.pages.enriched(feed, result.items, self._neighbours, now)
                result = dataclasses.replace(result, items=items)
            await self._deliver(feed, result, now)
            await self._follow_up(feed, now)
            outcome, detail, sent = result.outcome, result.state.detail, len(result.items)
        except Retry as error:
            self._standstill.refused(monotonic())
            self._hold(feed)
            outcome, detail, sent = Outcome.UNSENT, str(error), 0
        except Exception as error:
            logger.exception("poll failed", status=Outcome.INTERNAL.value, feed=feed.feed_id)
            self._postpone(feed, now)
            outcome, detail, sent = Outcome.INTERNAL, type(error).__name__, 0
        took = monotonic() - started
        address = self._world.deps.fetcher.address_of(url)
        self._neighbours.ended(feed.feed_id, url, monotonic(), ended(failure, took, address, now))
        self._freed.set()
        report(feed, outcome, detail, sent, took)

    async def _heard_or_polled(self, feed: Feed, before: FeedState | None, now: datetime) -> PollResult:
        message = self._world.hub.take(feed.feed_id) if self._world.hub else None
        if message is not None:
            return await take_message(feed, before, message, self._world.deps, now)
        return await poll_feed(feed, before, self._world.deps, now)

    async def _follow_up(self, feed: Feed, now: datetime) -> None:
        """Subscribe, renew or unsubscribe where it is time to; raises Retry."""
        if self._world.hub is None:
            return
        state = await self._world.hub.follow_up(feed, self._states[feed.feed_id], now)
        if state is not None:
            await self._world.sender.send([Outgoing(FEEDS, feed.feed_id, state)])
            self._states[feed.feed_id] = state

    async def _deliver(self, feed: Feed, result: PollResult, now: datetime) -> None:
        """Send the items, and only when all are acknowledged the state; raises Retry."""
        state = result.state
        if self._stepped and result.outcome in _PASSING:
            state = replace(state, next_poll_at=now)
            self._hold(feed)
        await self._world.sender.send([Outgoing(ITEMS, item.story_id, item) for item in result.items])
        heard = []
        if state.last_success_at == now:
            state = counted(state, now)
            heard = [coverage(state)]
        await self._world.sender.send([Outgoing(FEEDS, feed.feed_id, state), *heard])
        self._standstill.acknowledged()
        self._note_move(self._states.get(feed.feed_id), state)
        self._states[feed.feed_id] = state
        self._liars.learn(state)
        count_entries(len(result.items), state)

    def _note_move(self, before: FeedState | None, after: FeedState) -> None:
        """Leave a line for the audit when the address in use changes."""
        if before is not None and before.moved_url != after.moved_url:
            old, new = before.moved_url or before.url, after.moved_url or after.url
            logger.warning("address in use changed", status="moved", feed=after.feed_id, old=old, new=new)

    def _hold(self, feed: Feed) -> None:
        self._held[feed.feed_id] = monotonic() + HOLD_S

    def _postpone(self, feed: Feed, now: datetime) -> None:
        """Leave a feed that our own fault hit alone for a while; nothing is saved."""
        state = current(feed, self._states.get(feed.feed_id), now)
        later = now + timedelta(seconds=self._world.settings.poll_max_s)
        self._states[feed.feed_id] = replace(state, next_poll_at=later)

    def _beat(self, now: datetime, at: float, *, quiet: bool) -> None:
        """Send canaries when they are due; they speak for the partitions that this poller polls.

        They carry the start of the oldest poll under way: whatever was fetched before that is acknowledged.
        On a stepped clock they wait until every due feed was polled at the present time.
        """
        if not self._share.ready or self._beating is not None or (self._stepped and not quiet):
            return
        time = min((one.since for one in self._under_way.values()), default=now)
        if self._standstill.may_try(at) or (not self._standstill.holds and self._canaries.is_due(time, at)):
            self._beating = asyncio.create_task(self._send_canaries(time, self._share), name="canaries")

    async def _send_canaries(self, time: datetime, share: Share) -> None:
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

    async def _wind_down(self) -> None:
        tasks = self._tasks()
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=STOP_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)


@dataclass(frozen=True, slots=True)
class _UnderWay:
    task: asyncio.Task[None]
    since: datetime


def _polled(state: FeedState) -> float:
    return state.polled_at.timestamp() if state.polled_at else 0.0
