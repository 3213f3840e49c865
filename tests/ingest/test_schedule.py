from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import schedule
from ingest.rhythm import FLAT
from ingest.schedule import Bounds, Hints

NOW = datetime(2025, 1, 22, 14, tzinfo=UTC)
BOUNDS = Bounds(300, 3600)
HORIZON = timedelta(hours=3)
DATE = format_datetime(NOW + timedelta(minutes=2), usegmt=True)


@pytest.mark.parametrize(
    ("rate", "hints", "seconds"),
    [
        (None, Hints(), 900),
        (0.0, Hints(), 3600),
        (1.0, Hints(), 1800),
        (100.0, Hints(), 300),
        (100.0, Hints(max_age_s=600), 600),
        (100.0, Hints(max_age_s=60, ttl_s=1200), 1200),
        (100.0, Hints(ttl_s=86_400), 3600),
    ],
)
def test_the_interval_follows_the_rate_and_the_servers_wishes_within_bounds(
    rate: float | None, hints: Hints, seconds: float
) -> None:
    wanted = schedule.wanted(rate, FLAT, NOW, BOUNDS.max_s)
    assert schedule.interval(wanted, hints, BOUNDS) == pytest.approx(seconds)


def test_a_priority_feed_is_polled_faster_only_where_its_server_says_that_it_may() -> None:
    fast = Bounds(300, 900, 120)
    assert schedule.interval(30, Hints(), fast) == 300
    assert schedule.interval(30, Hints(max_age_s=60, stated=True), fast) == 120
    assert schedule.interval(30, Hints(max_age_s=200, stated=True), fast) == 200
    assert schedule.interval(30, Hints(max_age_s=60, stated=True), BOUNDS) == 300


def test_a_plan_that_hardly_differs_is_the_old_one() -> None:
    assert schedule.steady(900, 1000) == 900
    assert schedule.steady(900, 1100) == 1100
    assert schedule.steady(900, 700) == 700


def test_a_document_that_turned_over_is_looked_at_sooner() -> None:
    assert schedule.before_entries_are_lost(3600, 30, 30) == 1800
    assert schedule.before_entries_are_lost(3600, 24, 30) == 2250
    assert schedule.before_entries_are_lost(3600, 10, 30) is None
    assert schedule.before_entries_are_lost(3600, 4, 4) is None


def test_the_rate_is_learnt_and_old_news_fades() -> None:
    first = schedule.learnt_rate(None, 6, 3600)
    assert first == 6
    assert schedule.learnt_rate(first, 0, 24 * 3600) == pytest.approx(3)
    assert schedule.learnt_rate(first, 6, 3600) == pytest.approx(6)
    assert schedule.learnt_rate(first, 5, 0) == first


@given(st.text(min_size=1, max_size=20), st.integers(0, 10**6), st.floats(60, 86_400))
def test_the_next_moment_is_in_phase_and_half_to_one_and_a_half_intervals_away(
    feed_id: str, second: int, interval: float
) -> None:
    now = NOW + timedelta(seconds=second)
    moment = schedule.next_in_phase(feed_id, now, interval)
    wait = (moment - now).total_seconds()
    assert interval / 2 - 0.001 <= wait <= 1.5 * interval + 0.001
    again = schedule.next_in_phase(feed_id, moment, interval)
    assert (again - moment).total_seconds() == pytest.approx(interval, rel=1e-3)


@given(st.text(min_size=1, max_size=20), st.integers(0, 10**6), st.floats(60, 86_400))
def test_what_a_server_asks_for_at_least_is_kept_but_for_a_tenth(
    feed_id: str, second: int, interval: float
) -> None:
    now = NOW + timedelta(seconds=second)
    wait = (schedule.next_in_phase(feed_id, now, interval, interval) - now).total_seconds()
    assert 0.9 * interval - 0.001 <= wait <= 1.9 * interval + 0.001


@pytest.mark.parametrize("late_s", [0, 5, 60])
def test_a_poll_some_seconds_late_keeps_its_phase(late_s: float) -> None:
    moment = schedule.next_in_phase("alpha", NOW, 900, 900)
    again = schedule.next_in_phase("alpha", moment + timedelta(seconds=late_s), 900, 900)
    assert (again - moment).total_seconds() == pytest.approx(900)


def test_ten_thousand_feeds_make_a_smooth_plan_after_a_common_start() -> None:
    """All polled in the same second, with the intervals that news feeds have; the next three hours by minute."""
    intervals = [300, 420, 900, 900, 1800, 3600]
    minutes = [0] * 180
    for number in range(10_000):
        interval = intervals[number % len(intervals)]
        moment = NOW
        while (
            moment := schedule.next_in_phase(f"feed-{number}", moment, interval, interval)
        ) < NOW + HORIZON:
            minutes[int((moment - NOW).total_seconds() // 60)] += 1
    settled = minutes[60:]
    mean = sum(settled) / len(settled)
    assert max(settled) < 1.15 * mean
    assert min(settled) > 0.85 * mean
    assert max(minutes) < 1.5 * mean


@given(st.lists(st.sampled_from([300.0, 900.0, 3600.0]), min_size=200, max_size=400))
def test_no_mixture_of_intervals_makes_a_burst(intervals: list[float]) -> None:
    minutes = [0] * 60
    for number, interval in enumerate(intervals):
        moment = NOW + timedelta(hours=2)
        while (moment := schedule.next_in_phase(f"feed-{number}", moment, interval)) < NOW + HORIZON:
            minutes[int((moment - NOW).total_seconds() // 60) - 120] += 1
    expected = sum(60 / interval for interval in intervals)
    assert max(minutes) <= 2 * expected + 6 * expected**0.5 + 6


def test_phases_are_spread_evenly_over_feeds() -> None:
    buckets = [0] * 60
    for number in range(6000):
        buckets[int(schedule.phase(f"feed-{number}") * 60)] += 1
    chi_square = sum((count - 100) ** 2 / 100 for count in buckets)
    assert chi_square < 99.6  # 59 degrees of freedom, p = 0.0007


def test_back_off_grows_with_failures_and_has_a_cap_by_priority() -> None:
    rng = random.Random(1)

    def longest(failures: float, *, priority: bool = False) -> float:
        waits = [
            schedule.after_failure(NOW, 900, failures, None, priority=priority, rng=rng) - NOW
            for _ in range(200)
        ]
        assert min(waits) >= timedelta(seconds=900)
        return max(waits).total_seconds()

    assert longest(0.5) < 900 * 2.5
    assert longest(3) > longest(1)
    assert 20 * 3600 < longest(1000) <= 900 + 24 * 3600
    assert longest(1000, priority=True) <= 900 + 6 * 3600


def test_feeds_of_one_host_that_were_refused_together_do_not_return_together() -> None:
    rng = random.Random(1)
    minutes = [0] * 200
    for _ in range(100):
        moment = schedule.after_failure(NOW, 900, 0.5, 3600, priority=False, rng=rng)
        minutes[int((moment - NOW).total_seconds() // 60)] += 1
    assert max(minutes) <= 20
    assert sum(1 for count in minutes if count) > 10


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None), ("", None), ("soon", None), ("120", 120), ("0", 0), ("999999999999999999", 86_400),
        (DATE, 120), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("Wed, 21 Oct 2035 07:28:00 GMT", 86_400), ("-5", None),
    ],
)  # fmt: skip
def test_retry_after_is_a_number_or_a_date_and_a_day_at_most(
    header: str | None, seconds: float | None
) -> None:
    assert schedule.retry_after(header, NOW) == seconds


@pytest.mark.parametrize(
    ("cache_control", "expires", "seconds"),
    [
        ("max-age=600", None, 600), ("public, max-age=60, stale-while-revalidate=5", DATE, 60), ("no-cache", DATE, 0),
        ("", DATE, 120), ("", "0", 0), ("", None, 0), ('max-age="30"', None, 30),
    ],
)  # fmt: skip
def test_cache_headers_say_how_long_an_answer_is_fresh(
    cache_control: str, expires: str | None, seconds: float
) -> None:
    assert schedule.max_age(cache_control, expires, NOW) == seconds


def test_a_hundred_feeds_refused_for_an_hour_never_fall_into_step() -> None:
    rng = random.Random(1)
    minutes: Counter[int] = Counter()
    for number in range(100):
        now, failures = NOW + timedelta(seconds=5 * number), 0.0
        while now < NOW + timedelta(hours=6):
            failures += 0.5 if now < NOW + timedelta(hours=1) else 0.0
            now = schedule.after_failure(now, 900, min(failures, 3), 1800, priority=False, rng=rng)
            minutes[int((now - NOW).total_seconds() // 60)] += 1
    assert max(count for minute, count in minutes.items() if minute >= 15) <= 10


def test_on_time_is_within_twenty_minutes() -> None:
    assert schedule.was_on_time(NOW - timedelta(minutes=19), NOW)
    assert not schedule.was_on_time(NOW - timedelta(hours=5), NOW)
    assert not schedule.was_on_time(None, NOW)
