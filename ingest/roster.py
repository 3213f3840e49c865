"""The feeds that are ours to poll: what is known of each, where it is asked, and whether it is due.

What is known is the last acknowledged state, ours or that of whoever polled the feed before. Nothing is fetched
or sent here.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta

from msgspec.structs import replace

from ingest.drift import Drift, from_the_future, moved
from ingest.feeds import Feed
from ingest.liars import Liars
from ingest.memory import Share
from ingest.neighbours import Neighbours
from ingest.state import current
from ingest.world import World
from riftwatch import log
from riftwatch.records import FeedState

logger = log.get(__name__)


class Roster:
    """The feeds of one poller, as the catalogue, the shared memory and its own polls tell of them."""

    def __init__(self, world: World, neighbours: Neighbours) -> None:
        self.share = Share(1, frozenset())
        self.states: dict[str, FeedState] = {}
        self._world = world
        self._neighbours = neighbours
        self._liars = Liars()
        self._drift = Drift()
        if world.hub:
            world.hub.watch(self._listed_state)

    def learn(self, now: datetime, at: float) -> None:
        """Take over what the clock, the catalogue and the shared memory say; raises what ended the memory."""
        self._follow_clock(now, at)
        self._world.catalogue.refresh(at)
        self._follow_share()
        for state in self.share.news.values():
            if self._is_news(state):
                self._take_over(state if self._world.stepped else from_the_future(state, now), now, at)

    def due(self, now: datetime, busy: Container[str]) -> list[Feed]:
        """Return the feeds of ours that may be polled now, without those that are busy."""
        ours = (feed for feed in self._world.catalogue.feeds.values() if self.share.owns(feed.feed_id))
        return [feed for feed in ours if feed.feed_id not in busy and self._is_due(feed, now)]

    def is_told(self, feed: Feed) -> bool:
        """Return whether a hub has said something about a feed."""
        return self._world.hub is not None and self._world.hub.has(feed.feed_id)

    def address(self, feed: Feed) -> str:
        """Return where a feed is asked: where it moved to, unless somebody listed it elsewhere since."""
        known = self.states.get(feed.feed_id)
        return (known and known.url == feed.url and known.moved_url) or feed.url

    def before(self, feed: Feed, now: datetime) -> FeedState | None:
        """Return the state with which a feed is polled; its validators are off if its host lied to another."""
        known = self.states.get(feed.feed_id)
        return known and self._liars.warned(known, now)

    def keep(self, state: FeedState) -> None:
        """Remember an acknowledged state."""
        _note_move(self.states.get(state.feed_id), state)
        self.states[state.feed_id] = state
        self._liars.learn(state)

    def postpone(self, feed: Feed, now: datetime) -> None:
        """Leave a feed that our own fault hit alone for a while; nothing is saved."""
        state = current(feed, self.states.get(feed.feed_id), now)
        later = now + timedelta(seconds=self._world.settings.poll_max_s)
        self.states[feed.feed_id] = replace(state, next_poll_at=later)

    def _follow_clock(self, now: datetime, at: float) -> None:
        jump = timedelta() if self._world.stepped else self._drift.jump(now, at)
        if jump:
            logger.warning("the clock was set", status="clock", seconds=round(jump.total_seconds()))
            self.states = {key: moved(state, jump) for key, state in self.states.items()}

    def _follow_share(self) -> None:
        before, self.share = self.share, self._world.memory.look()
        self._neighbours.share(len(self.share.ready), self.share.partitions)
        if before.ready - self.share.ready:
            self.states = {key: state for key, state in self.states.items() if self.share.learns(key)}

    def _is_news(self, state: FeedState) -> bool:
        ours = self.states.get(state.feed_id)
        return ours is None or _polled(state) >= _polled(ours)

    def _take_over(self, state: FeedState, now: datetime, at: float) -> None:
        """Go on where another poller, or this one before its restart, left off with a feed and its host."""
        self.states[state.feed_id] = state
        self._liars.learn(state)
        if state.asked_to_rest_until is not None and state.asked_to_rest_until > now:
            left_s = (state.asked_to_rest_until - now).total_seconds()
            self._neighbours.asked_to_rest(state.moved_url or state.url, at + left_s)

    def _is_due(self, feed: Feed, now: datetime) -> bool:
        state = self.states.get(feed.feed_id)
        if state is None or state.next_poll_at is None or state.url != feed.url:
            return True
        return state.next_poll_at <= now or self.is_told(feed)

    def _listed_state(self, feed_id: str) -> FeedState | None:
        """Return the state of a feed that is ours and still listed."""
        ours = feed_id in self._world.catalogue.feeds and self.share.owns(feed_id)
        return self.states.get(feed_id) if ours else None


def _note_move(before: FeedState | None, after: FeedState) -> None:
    """Leave a line for the audit when the address in use changes."""
    if before is not None and before.moved_url != after.moved_url:
        old, new = before.moved_url or before.url, after.moved_url or after.url
        logger.warning("address in use changed", status="moved", feed=after.feed_id, old=old, new=new)


def _polled(state: FeedState) -> float:
    return state.polled_at.timestamp() if state.polled_at else 0.0
