"""The plan after a poll that went well: what it taught of the feed, and when to look again. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from ingest import rhythm as rhythms
from ingest import schedule
from ingest.rhythm import Rhythm
from ingest.schedule import Bounds, Hints
from riftwatch.records import FeedState

PUNCTUAL = 1.5  # intervals since the last success; after a longer one a turned-over document proves nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What one poll says of a feed's pace."""

    hints: Hints
    news: Sequence[datetime] = ()  # when its new entries were published; old ones that are new to us left out
    total: int = 0
    recent: int | None = None  # dated within the last day: the first rate of a feed never polled before


def after_success(state: FeedState, lesson: Lesson, now: datetime, bounds: Bounds) -> FeedState:
    """Return the state with rate, rhythm, interval and next moment; a late poll changes no interval."""
    elapsed = _elapsed(state, now)
    before = rhythm_of(state)
    usual = rhythms.mean_factor(before, state.last_success_at, now) if state.last_success_at else 1.0
    rate = schedule.learnt_rate(state.rate_per_hour, len(lesson.news), elapsed, usual)
    if rate is None and lesson.recent is not None:
        rate = lesson.recent / 24
    rhythm = rhythms.learnt(before, lesson.news if state.last_success_at else (), now)
    planned = _interval(state, lesson, rate, rhythm, now, bounds)
    least = max(lesson.hints.wait_s, bounds.clamp(0.0, hinted=lesson.hints.stated))
    return replace(
        state,
        polled_at=now,
        next_poll_at=schedule.next_in_phase(state.feed_id, now, planned, least),
        interval_s=planned,
        rate_per_hour=rate,
        rhythm=rhythm.counts,
        rhythm_weeks=round(rhythm.weeks, 4),
        rhythm_at=rhythm.at,
    )


def rhythm_of(state: FeedState) -> Rhythm:
    """Return what a state knows of the feed's week; counts of another length are none."""
    counts = state.rhythm if len(state.rhythm) == rhythms.HOURS else ()
    return Rhythm(counts, state.rhythm_weeks, state.rhythm_at)


def _interval(
    state: FeedState, lesson: Lesson, rate: float | None, rhythm: Rhythm, now: datetime, bounds: Bounds
) -> float:
    before = schedule.interval(state.interval_s or schedule.FIRST_INTERVAL_S, lesson.hints, bounds)
    on_time = state.polled_at is None or schedule.was_on_time(state.next_poll_at, now)
    if state.failures or not on_time:
        return before
    wanted = schedule.wanted(rate, rhythm, now, bounds.max_s)
    elapsed = _elapsed(state, now)
    if state.seen and elapsed <= PUNCTUAL * max(state.interval_s, bounds.min_s):
        safe = schedule.before_entries_are_lost(elapsed, len(lesson.news), lesson.total)
        wanted = min(wanted, safe or wanted)
    return schedule.steady(before, schedule.interval(wanted, lesson.hints, bounds))


def _elapsed(state: FeedState, now: datetime) -> float:
    return (now - state.last_success_at).total_seconds() if state.last_success_at else 0.0
