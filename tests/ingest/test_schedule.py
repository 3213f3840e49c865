from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import schedule
from ingest.schedule import Bounds, Hints

NOW = datetime(2025, 1, 22, 14, tzinfo=UTC)
BOUNDS = Bounds(300, 3600)
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
    assert schedule.interval(rate, hints, BOUNDS) == seconds


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


def test_on_time_is_within_twenty_minutes() -> None:
    assert schedule.was_on_time(NOW - timedelta(minutes=19), NOW)
    assert not schedule.was_on_time(NOW - timedelta(hours=5), NOW)
    assert not schedule.was_on_time(None, NOW)
