"""What a poll teaches of a feed's pace."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from msgspec.structs import replace

from ingest import planning
from ingest.planning import Lesson
from ingest.rhythm import HOURS
from ingest.schedule import Bounds, Hints
from ingest.state import fresh
from riftwatch.records import FeedState
from tests.ingest.samples import FEED, NOW

BOUNDS = Bounds(300, 3600)
HOUR = timedelta(hours=1)
SETTLED = replace(
    fresh(FEED), polled_at=NOW - HOUR, next_poll_at=NOW, last_success_at=NOW - HOUR, interval_s=3600.0,
    rate_per_hour=0.2, seen={"a": "1"},
)  # fmt: skip


def lesson(news: int = 0, total: int = 30, hints: Hints | None = None) -> Lesson:
    return Lesson(hints=hints or Hints(), news=[NOW - HOUR / 2] * news, total=total)


def plan(state: FeedState, told: Lesson) -> FeedState:
    return planning.after_success(state, told, NOW, BOUNDS)


def test_a_document_that_turned_over_shortens_the_interval_at_once() -> None:
    assert plan(SETTLED, lesson(3)).interval_s == 3600
    assert plan(SETTLED, lesson(30)).interval_s <= 1800


def test_after_an_outage_a_turned_over_document_proves_nothing() -> None:
    away = replace(SETTLED, last_success_at=NOW - 72 * HOUR)
    assert plan(away, lesson(30)).interval_s == 3600


def test_a_server_that_asks_for_rest_gets_it_even_then() -> None:
    assert plan(SETTLED, lesson(30, hints=Hints(max_age_s=3000, stated=True))).interval_s == 3000


def test_a_late_poll_shortens_nothing() -> None:
    late = replace(SETTLED, next_poll_at=NOW - 2 * HOUR)
    assert plan(late, lesson(60)).interval_s == 3600


def test_the_rhythm_is_kept_in_the_state() -> None:
    after = plan(SETTLED, lesson(2))
    assert len(after.rhythm) == HOURS
    assert sum(after.rhythm) == 2000
    assert after.rhythm_at == NOW
    assert planning.rhythm_of(replace(after, rhythm=(1, 2))).counts == ()


def test_a_night_poll_waits_for_the_morning() -> None:
    counts = tuple(1000 * 20 if hour % 24 in range(7, 20) else 0 for hour in range(HOURS))
    long = Bounds(300, 6 * 3600)
    known = replace(
        SETTLED, rhythm=counts, rhythm_weeks=5.0, rhythm_at=NOW, interval_s=1500.0, rate_per_hour=1.0
    )
    night, noon = NOW.replace(hour=2), NOW.replace(hour=12)
    waits = [
        planning.after_success(
            replace(known, next_poll_at=now, last_success_at=now - HOUR, rhythm_at=now), lesson(), now, long
        ).interval_s
        for now in (night, noon)
    ]
    assert waits[0] > 3 * waits[1]


def lived(seed: int, *, with_rhythm: bool) -> tuple[int, float]:
    """Polls, and mean minutes from item to poll, of the last four of six weeks with busy office hours."""
    chance = random.Random(seed)
    start = NOW.replace(hour=0) - timedelta(days=NOW.weekday())
    rates = [0.6 * (3.0 if 6 <= hour % 24 < 18 and hour < 120 else 0.15) for hour in range(HOURS)]
    items = [
        start + timedelta(hours=hour, minutes=minute)
        for hour in range(6 * HOURS)
        for minute in range(60)
        if chance.random() < rates[hour % HOURS] / 60
    ]
    state, now, polls, delays, told = fresh(FEED), start, 0, [], 0
    while now < start + timedelta(weeks=6):
        news = [one for one in items[told:] if one <= now]
        told += len(news)
        if now >= start + timedelta(weeks=2):
            polls += 1
            delays += [(now - one).total_seconds() / 60 for one in news]
        state = planning.after_success(
            state, Lesson(hints=Hints(), news=news, total=30, recent=0), now, BOUNDS
        )
        state = replace(state, last_success_at=now, seen={"a": "1"})
        if not with_rhythm:
            state = replace(state, rhythm=(), rhythm_weeks=0.0)
        assert state.next_poll_at is not None
        now = state.next_poll_at
    return polls, sum(delays) / len(delays)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rhythm_brings_items_sooner_for_fewer_polls(seed: int) -> None:
    polls, delay = lived(seed, with_rhythm=True)
    flat_polls, flat_delay = lived(seed, with_rhythm=False)
    assert polls <= flat_polls
    assert delay < 0.95 * flat_delay


def test_a_first_poll_learns_its_rate_from_the_dates_and_no_rhythm() -> None:
    first = planning.after_success(
        fresh(FEED), Lesson(hints=Hints(), news=[NOW] * 30, total=30, recent=48), NOW, BOUNDS
    )
    assert (first.rate_per_hour, first.rhythm) == (2.0, ())
    assert first.interval_s == pytest.approx(900)
