"""The health of the feeds in one table."""

from __future__ import annotations

from datetime import datetime

import msgspec

from desk.lines import web_address
from desk.look import Look
from desk.query import Asked
from riftwatch.records import FeedState

WELL = frozenset({"ok", "not_modified", "new"})
SHOWN = ("all", "problems")


class FeedLine(msgspec.Struct, frozen=True, kw_only=True):
    """A feed and how it is."""

    feed_id: str
    title: str
    url: str
    publisher_title: str
    language: str
    health: str
    well: bool
    detail: str
    polled_at: datetime | None
    next_poll_at: datetime | None
    failures: float
    last_new_item_at: datetime | None
    items_total: int


class FeedsPage(msgspec.Struct, frozen=True, kw_only=True):
    """The feeds, those with a problem first."""

    now: datetime
    show: str
    total: int
    problems: int
    feeds: tuple[FeedLine, ...]


def feeds(look: Look, asked: Asked) -> FeedsPage:
    """Return the feeds; `show=problems` leaves out those that are well. Raises BadQuery."""
    show = asked.choice("show", SHOWN, "all")
    lines = [_line(state, look) for state in look.store.feeds()]
    ill = [line for line in lines if not line.well]
    shown = ill if show == "problems" else lines
    return FeedsPage(
        now=look.now(),
        show=show,
        total=len(lines),
        problems=len(ill),
        feeds=tuple(sorted(shown, key=lambda line: (line.well, line.title.casefold()))),
    )


def _line(state: FeedState, look: Look) -> FeedLine:
    return FeedLine(
        feed_id=state.feed_id,
        title=state.title or state.feed_id,
        url=web_address(state.url),
        publisher_title=look.names.publisher(state.publisher) if state.publisher else "",
        language=state.language or "",
        health=state.health,
        well=state.health in WELL,
        detail=state.detail,
        polled_at=state.polled_at,
        next_poll_at=state.next_poll_at,
        failures=state.failures,
        last_new_item_at=state.last_new_item_at,
        items_total=state.items_total,
    )
