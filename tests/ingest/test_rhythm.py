"""The week's shape: learnt from what came when, believed only as far as there is something behind it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import rhythm as rhythms
from ingest.rhythm import FLAT, HIGHEST, HOURS, LOWEST, MOST_PER_POLL, UNIT, Rhythm

MONDAY = datetime(2025, 1, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)


def lived(weeks: int, items_at: dict[int, int]) -> Rhythm:
    """The rhythm of a feed polled hourly for weeks that brings so many items at these hours of the day."""
    found, now = FLAT, MONDAY
    for _ in range(weeks * HOURS):
        count = items_at.get(now.hour, 0) if now.weekday() < 5 else 0
        found = rhythms.learnt(found, [now + timedelta(minutes=10)] * count, now + HOUR)
        now += HOUR
    return found


def at(day: int, hour: int) -> int:
    return day * 24 + hour


OFFICE = dict.fromkeys(range(6, 18), 3)


def test_a_feed_without_history_has_no_rhythm() -> None:
    assert {rhythms.factor(FLAT, hour) for hour in range(HOURS)} == {1.0}


def test_office_hours_are_learnt_within_weeks() -> None:
    found = lived(4, OFFICE)
    assert rhythms.factor(found, at(1, 10)) > 1.8
    assert rhythms.factor(found, at(1, 3)) < 0.5
    assert rhythms.factor(found, at(6, 10)) < 0.6


def test_a_young_feed_is_hardly_believed_and_every_week_more() -> None:
    one, two, eight = (rhythms.factor(lived(weeks, {9: 1}), at(2, 9)) for weeks in (1, 2, 8))
    assert 1 <= one <= two <= eight
    assert one < 3
    single = rhythms.learnt(lived(1, {}), [MONDAY + 10 * HOUR], MONDAY + 7 * 24 * HOUR)
    assert rhythms.factor(single, at(0, 10)) < 1.3


def test_one_flood_of_news_makes_no_habit() -> None:
    before = lived(4, OFFICE)
    flood = rhythms.learnt(before, [MONDAY + 3 * HOUR] * 300, MONDAY + 28 * 24 * HOUR)
    assert sum(flood.counts) - sum(before.counts) <= MOST_PER_POLL * UNIT
    assert rhythms.factor(flood, at(0, 3)) < 1.0


def test_what_was_long_ago_fades() -> None:
    early = lived(4, {6: 3})
    now = MONDAY + timedelta(weeks=4)
    for _ in range(20 * 7):
        late = [now + 18 * HOUR] * 3 if now.weekday() < 5 else []
        early = rhythms.learnt(early, late, now + timedelta(days=1))
        now += timedelta(days=1)
    assert rhythms.factor(early, at(1, 18)) > 3 * rhythms.factor(early, at(1, 6))


def test_an_outage_is_no_observation_of_silence() -> None:
    before = lived(4, OFFICE)
    after = rhythms.learnt(before, [], MONDAY + timedelta(weeks=12))
    assert after.weeks < before.weeks
    assert rhythms.factor(after, at(1, 10)) > 1.2


def test_the_wait_ends_when_the_rush_begins() -> None:
    found = lived(8, OFFICE)
    night = rhythms.wait_s(found, 1.0, 0.5, MONDAY + 3 * HOUR, 36_000)
    rush = rhythms.wait_s(found, 1.0, 0.5, MONDAY + 10 * HOUR, 36_000)
    assert 3 * rush < 3600 < night < 4 * 3600
    flat = rhythms.wait_s(FLAT, 1.0, 0.5, MONDAY, 36_000)
    assert flat == pytest.approx(1800)


def test_a_feed_that_brings_nothing_waits_as_long_as_allowed() -> None:
    assert rhythms.wait_s(FLAT, 0.0, 0.5, MONDAY, 3600) == 3600


def test_the_mean_over_a_day_is_one_and_over_an_hour_that_hours_own() -> None:
    found = lived(8, OFFICE)
    assert rhythms.mean_factor(found, MONDAY, MONDAY + timedelta(days=1)) == 1.0
    ten = MONDAY + 10 * HOUR
    assert rhythms.mean_factor(found, ten, ten + HOUR / 2) == rhythms.factor(found, at(0, 10))


counts = st.lists(st.integers(0, 10**7), min_size=HOURS, max_size=HOURS).map(tuple)


@given(counts, st.floats(0, 1000), st.integers(0, HOURS - 1), st.floats(0.001, 1000))
def test_no_history_makes_a_wait_absurd(
    counts: tuple[int, ...], weeks: float, hour: int, rate: float
) -> None:
    found = Rhythm(counts, weeks, MONDAY)
    assert LOWEST <= rhythms.factor(found, hour) <= HIGHEST
    wait = rhythms.wait_s(found, rate, 0.5, MONDAY + hour * HOUR, 3600)
    assert min(3600, 1800 / rate / HIGHEST) * 0.999 <= wait <= 3600
