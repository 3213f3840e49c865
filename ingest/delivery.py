"""One feed from the question to the acknowledged answer: poll, send, await, remember; in that order."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from ingest.feeds import Feed
from ingest.heartbeat import counted, coverage
from ingest.neighbours import Neighbours, ended
from ingest.outcome import Failure, Outcome
from ingest.poll import PollResult, poll_feed, take_message
from ingest.produce import Outgoing
from ingest.reporting import count_entries, report
from ingest.roster import Roster
from ingest.standstill import Standstill
from ingest.world import World
from riftwatch import log
from riftwatch.clock import monotonic
from riftwatch.errors import Retry
from riftwatch.records import FeedState
from riftwatch.topics import FEEDS, ITEMS

HOLD_S = 2.0  # before a poll whose items could not be sent, or that failed in a replay, is tried again
# In a replay the clock stands still meanwhile: a feed that these hit is tried again at the same time.
_PASSING = frozenset(
    {Outcome.TIMEOUT, Outcome.UNREACHABLE, Outcome.DNS, Outcome.SERVER_ERROR, Outcome.PARSE_TIMEOUT}
)
logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class _End:
    """How a poll ended, and the failure of its server, which its neighbours are to hear of in any case."""

    outcome: Outcome
    detail: str
    sent: int = 0
    failure: Failure | None = None


class Delivery:
    """Polls feeds and sends what they bring; whatever goes wrong with one is an outcome of that one."""

    def __init__(self, world: World, roster: Roster, neighbours: Neighbours, standstill: Standstill) -> None:
        self._world = world
        self._roster = roster
        self._neighbours = neighbours
        self._standstill = standstill
        self._held: dict[str, float] = {}  # feed -> monotonic time before which it is left alone

    def holds(self, feed: Feed, at: float) -> bool:
        """Return whether a feed is left alone for a moment after its items could not be sent."""
        return self._held.get(feed.feed_id, 0.0) > at

    async def run(self, feed: Feed, url: str, now: datetime) -> None:
        """Poll a feed at this address, send and remember what it brought, and tell its neighbours how it went."""
        started = monotonic()
        end = await self._end(feed, now)
        took = monotonic() - started
        address = self._world.deps.fetcher.address_of(url)
        self._neighbours.ended(feed.feed_id, url, monotonic(), ended(end.failure, took, address, now))
        report(feed, end.outcome, end.detail, end.sent, took)

    async def _end(self, feed: Feed, now: datetime) -> _End:
        failure: Failure | None = None
        try:
            result = await self._polled(feed, now)
            failure = result.failure
            await self._send(feed, result, now)
            await self._follow_up(feed, now)
        except Retry as error:
            self._standstill.refused(monotonic())
            self._hold(feed)
            return _End(Outcome.UNSENT, str(error), failure=failure)
        except Exception as error:
            logger.exception("poll failed", status=Outcome.INTERNAL.value, feed=feed.feed_id)
            self._roster.postpone(feed, now)
            return _End(Outcome.INTERNAL, type(error).__name__, failure=failure)
        return _End(result.outcome, result.state.detail, len(result.items), failure)

    async def _polled(self, feed: Feed, now: datetime) -> PollResult:
        """Return what a hub's message or the feed itself brings, with full texts where they are wanted."""
        before, deps = self._roster.before(feed, now), self._world.deps
        message = self._world.hub.take(feed.feed_id) if self._world.hub else None
        if message is None:
            result = await poll_feed(feed, before, deps, now)
        else:
            result = await take_message(feed, before, message, deps, now)
        if not (self._world.pages and feed.full_text):
            return result
        items = await self._world.pages.enriched(feed, result.items, self._neighbours, now)
        return dataclasses.replace(result, items=items)

    async def _send(self, feed: Feed, result: PollResult, now: datetime) -> None:
        """Send the items, and only when all are acknowledged the state; raises Retry."""
        state = self._again_at_once(feed, result, now)
        await self._world.sender.send([Outgoing(ITEMS, item.story_id, item) for item in result.items])
        heard = []
        if state.last_success_at == now:
            state = counted(state, now)
            heard = [coverage(state)]
        await self._world.sender.send([Outgoing(FEEDS, feed.feed_id, state), *heard])
        self._standstill.acknowledged()
        self._roster.keep(state)
        count_entries(len(result.items), state)

    def _again_at_once(self, feed: Feed, result: PollResult, now: datetime) -> FeedState:
        """Return the state to send; in a replay, a feed that could not be reached stays due."""
        if not (self._world.stepped and result.outcome in _PASSING):
            return result.state
        self._hold(feed)
        return replace(result.state, next_poll_at=now)

    async def _follow_up(self, feed: Feed, now: datetime) -> None:
        """Subscribe, renew or unsubscribe where it is time to; raises Retry."""
        if self._world.hub is None:
            return
        state = await self._world.hub.follow_up(feed, self._roster.states[feed.feed_id], now)
        if state is not None:
            await self._world.sender.send([Outgoing(FEEDS, feed.feed_id, state)])
            self._roster.keep(state)

    def _hold(self, feed: Feed) -> None:
        self._held[feed.feed_id] = monotonic() + HOLD_S
