"""The catalogue with the health of each feed, for people and programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from ingest.feeds import Feed
from riftwatch.clock import iso
from riftwatch.publishers import Publishers
from riftwatch.records import FeedState

FINE = frozenset({"new", "ok", "not_modified"})


@dataclass(frozen=True, slots=True)
class Row:
    """One feed and what is known of it; `state` is None before its first poll."""

    feed: Feed
    publisher: str
    state: FeedState | None

    @property
    def is_problem(self) -> bool:
        """Whether a person should look at it."""
        return self.state is not None and self.state.health not in FINE

    @property
    def line(self) -> str:
        """The feed in one line."""
        if self.state is None:
            return f"{'never polled':<16} {self.feed.feed_id:<32} {self.publisher}"
        parts = [self.state.detail]
        if self.state.streak > 1 and self.state.health_since:
            parts.append(f"{self.state.streak} polls in a row since {_minute(self.state.health_since)}")
        if self.state.moved_url:
            parts.append(f"moved to {self.state.moved_url}")
        if self.state.last_new_item_at:
            parts.append(f"last new entry {_minute(self.state.last_new_item_at)}")
        if self.state.next_poll_at:
            parts.append(f"again {_minute(self.state.next_poll_at)}")
        return f"{self.state.health:<16} {self.feed.feed_id:<32} {', '.join(parts)}"

    @property
    def as_json(self) -> dict[str, object]:
        """The feed for a program."""
        feed, state = self.feed, self.state
        return {
            "feed_id": feed.feed_id,
            "url": feed.url,
            "title": feed.title,
            "publisher": feed.publisher,
            "language": feed.language,
            "category": feed.category,
            "health": state.health if state else None,
            "detail": state.detail if state else "",
            "failures": state.failures if state else 0.0,
            "streak": state.streak if state else 0,
            "health_since": _time(state.health_since if state else None),
            "failing_since": _time(state.failing_since if state else None),
            "parked": bool(state and state.parked),
            "moved_url": state.moved_url if state else None,
            "polled_at": _time(state.polled_at if state else None),
            "next_poll_at": _time(state.next_poll_at if state else None),
            "last_success_at": _time(state.last_success_at if state else None),
            "last_new_item_at": _time(state.last_new_item_at if state else None),
        }


def listed(feeds: Iterable[Feed], states: Mapping[str, FeedState], publishers: Publishers) -> list[Row]:
    """Return a row for each feed, in the catalogue's order."""
    return [Row(feed, publishers.title(feed.publisher), states.get(feed.feed_id)) for feed in feeds]


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _time(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None
