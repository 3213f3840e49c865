"""410 is said by mistake as well: three over a day park a feed, a weekly probe brings it back."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from ingest import state as states
from ingest.outcome import Failure, Outcome
from ingest.schedule import Bounds
from riftwatch.records import FeedState
from tests.ingest.samples import FEED, NOW, response

BOUNDS = Bounds(300, 3600)
DAY = timedelta(days=1)


def failing(state: FeedState, outcome: Outcome, now: datetime) -> FeedState:
    failure = Failure(outcome=outcome, detail="why", status=410)
    return states.after_failure(state, failure, now, BOUNDS, priority=False, rng=random.Random(1))


def wait(state: FeedState, now: datetime) -> timedelta:
    assert state.next_poll_at is not None
    return state.next_poll_at - now


def test_three_410_over_a_day_park_a_feed_and_fewer_or_sooner_do_not() -> None:
    state = states.fresh(FEED)
    for hour in (0, 1, 2, 3):
        state = failing(state, Outcome.GONE, NOW + timedelta(hours=hour))
        assert not state.parked
        assert wait(state, NOW + timedelta(hours=hour)) <= 1.1 * DAY
    late = NOW + timedelta(hours=25)
    state = failing(state, Outcome.GONE, late)
    assert state.parked
    assert 3.5 * DAY <= wait(state, late) <= 10.5 * DAY
    assert (state.health, state.gone_times) == ("gone", 5)
    assert "parked (said to be gone 5 times since 2025-01-22) and probed once a week" in state.detail


def test_a_probe_that_reads_well_revives_it_at_once() -> None:
    state = states.fresh(FEED)
    for day in range(3):
        state = failing(state, Outcome.GONE, NOW + day * DAY)
    assert state.parked
    later = NOW + 9 * DAY
    state = states.after_no_change(state, response(status=304), later, BOUNDS)
    assert (state.parked, state.gone_times, state.failing_since, state.failures) == (False, 0, None, 0.0)
    assert wait(state, later) <= timedelta(hours=2)


def test_a_host_dead_for_a_month_is_probed_weekly_and_never_given_up() -> None:
    state, now = states.fresh(FEED), NOW
    polls = 0
    while now < NOW + 365 * DAY:
        state = failing(state, Outcome.DNS, now)
        assert state.next_poll_at is not None
        assert now < state.next_poll_at <= now + 10.5 * DAY
        now, polls = state.next_poll_at, polls + 1
    assert state.parked
    assert "no success for 30 days" in state.detail
    assert 70 < polls < 400


def test_the_streak_counts_polls_of_one_kind_and_since_when() -> None:
    state = states.fresh(FEED)
    for hour in range(3):
        now = NOW + timedelta(hours=hour)
        state = states.told(state, failing(state, Outcome.TIMEOUT, now), now)
    assert (state.streak, state.health_since, state.failing_since) == (3, NOW, NOW)
    later = NOW + timedelta(hours=3)
    well = states.told(state, states.after_no_change(state, response(status=304), later, BOUNDS), later)
    assert (well.streak, well.health_since) == (1, later)
