from __future__ import annotations

import random
from datetime import timedelta
from typing import Any  # Any: keyword values of several types

import pytest
from msgspec.structs import replace

from ingest import state as states
from ingest.outcome import Failure, Outcome
from ingest.schedule import Bounds, Hints
from ingest.state import Harvest
from riftwatch.records import FeedState
from tests.ingest.samples import FEED, NOW, URL, response

BOUNDS = Bounds(300, 3600)
HOUR = timedelta(hours=1)
POLLED = replace(
    states.fresh(FEED), polled_at=NOW - HOUR, next_poll_at=NOW, last_success_at=NOW - HOUR, interval_s=1800.0,
    etag='"old"', last_modified="then", validators_host="feeds.news.example", body_hash="old", seen={"a": "1"},
    rate_per_hour=1.0, last_new_item_at=NOW - HOUR,
)  # fmt: skip


def harvest(**given: Any) -> Harvest:
    given.setdefault("news", [NOW] * given.get("new", 1))
    values: dict[str, Any] = {
        "title": "Alpha", "hints": Hints(), "body_hash": "new", "seen": {"b": "2"}, "guids": {}, "new": 1, "total": 1,
    }  # fmt: skip
    return Harvest(**(values | given))


def failed(state: FeedState, outcome: Outcome, retry_after: str | None = None) -> FeedState:
    failure = Failure(outcome=outcome, detail="why", status=500, retry_after=retry_after)
    return states.after_failure(state, failure, NOW, BOUNDS, priority=False, rng=random.Random(1))


def test_a_document_leaves_validators_hash_and_entries_together() -> None:
    after = states.after_document(POLLED, response(etag='"new"', last_modified="now"), harvest(), NOW, BOUNDS)
    assert (after.etag, after.last_modified, after.body_hash, after.seen) == (
        '"new"',
        "now",
        "new",
        {"b": "2"},
    )
    assert (after.validators_host, after.health, after.failures) == ("feeds.news.example", "ok", 0.0)
    assert after.polled_at == after.last_success_at == after.last_new_item_at == NOW
    assert after.next_poll_at is not None
    assert after.next_poll_at > NOW


def test_expires_0_means_that_validators_are_not_to_be_used() -> None:
    after = states.after_document(POLLED, response(etag='"new"', expires="0"), harvest(), NOW, BOUNDS)
    assert (after.etag, after.last_modified) == (None, None)


def test_a_304_keeps_what_was_known_and_follows_new_cache_headers() -> None:
    after = states.after_no_change(POLLED, response(status=304, cache_control="max-age=3000"), NOW, BOUNDS)
    assert (after.etag, after.seen, after.health) == ('"old"', {"a": "1"}, "not_modified")
    assert after.interval_s == 3000


def test_a_failure_keeps_validators_and_entries_and_adds_its_weight() -> None:
    after = failed(failed(POLLED, Outcome.TIMEOUT), Outcome.GONE)
    assert (after.etag, after.body_hash, after.seen) == ('"old"', "old", {"a": "1"})
    assert (after.failures, after.health, after.detail) == (1.5, "gone", "why")
    assert after.next_poll_at is not None
    assert after.next_poll_at >= NOW + timedelta(seconds=1800)


@pytest.mark.parametrize(("header", "seconds"), [("7200", 7200), ("10", 1800), ("99999999", 86_400)])
def test_retry_after_lengthens_a_wait_and_never_shortens_it(header: str, seconds: float) -> None:
    after = failed(POLLED, Outcome.RATE_LIMITED, header)
    assert after.next_poll_at is not None
    assert after.next_poll_at >= NOW + timedelta(seconds=seconds)


def test_a_success_resets_failures() -> None:
    again = states.after_no_change(failed(POLLED, Outcome.DNS), response(status=304), NOW + HOUR, BOUNDS)
    assert again.failures == 0.0


def test_the_interval_is_learnt_only_on_time_and_after_two_successes() -> None:
    busy = harvest(new=60)
    on_time = states.after_document(POLLED, response(), busy, NOW, BOUNDS)
    late = states.after_document(replace(POLLED, next_poll_at=NOW - HOUR), response(), busy, NOW, BOUNDS)
    recovering = states.after_document(replace(POLLED, failures=0.5), response(), busy, NOW, BOUNDS)
    assert on_time.interval_s < 1800
    assert late.interval_s == recovering.interval_s == 1800


def test_a_first_poll_takes_its_rate_from_the_dates_of_the_entries() -> None:
    after = states.after_document(states.fresh(FEED), response(), harvest(new=48, recent=48), NOW, BOUNDS)
    assert after.rate_per_hour == 2.0
    assert after.interval_s == 900


def test_a_feed_that_brings_nothing_for_long_is_silent() -> None:
    quiet = replace(POLLED, last_new_item_at=NOW - timedelta(days=5))
    assert states.after_no_change(quiet, response(status=304), NOW, BOUNDS).health == "silent"
    seldom = replace(quiet, rate_per_hour=1 / 48)
    assert states.after_no_change(seldom, response(status=304), NOW, BOUNDS).health == "not_modified"


def test_a_new_address_in_the_catalogue_starts_afresh_but_keeps_the_memory() -> None:
    moved = replace(POLLED, url="https://old.example/rss", moved_url="https://x.example/")
    after = states.current(FEED, moved, NOW)
    assert (after.url, after.etag, after.body_hash, after.moved_url) == (URL, None, None, None)
    assert (after.seen, after.next_poll_at) == ({"a": "1"}, None)


def test_a_304_that_lied_turns_validators_off_for_a_week() -> None:
    distrusted = states.distrust_304(POLLED, NOW)
    assert states.request_of(distrusted, NOW + timedelta(days=6)).etag is None
    assert states.request_of(distrusted, NOW + timedelta(days=8)).etag == '"old"'


def test_one_304_in_a_hundred_is_checked_and_no_feed_more_than_daily() -> None:
    rng = random.Random(1)
    wanted = sum(states.wants_audit(POLLED, NOW, rng) for _ in range(10_000))
    assert 60 < wanted < 140
    checked = replace(POLLED, last_full_at=NOW - HOUR)
    assert not any(states.wants_audit(checked, NOW, rng) for _ in range(1000))


def test_a_permanent_move_is_believed_after_five_polls_over_a_day_and_can_be_undone() -> None:
    state, target = POLLED, "https://new.example/rss"
    for hour in (0, 6, 12, 18):
        state = states.after_no_change(
            state, response(status=304, moved_to=target), NOW + timedelta(hours=hour), BOUNDS
        )
        assert state.moved_url is None
    state = states.after_no_change(
        state, response(status=304, moved_to=target), NOW + timedelta(hours=24), BOUNDS
    )
    assert states.request_of(state, NOW).url == target
    assert state.url == URL
    assert "moved for good" in state.detail
    assert failed(state, Outcome.TIMEOUT).moved_url == target
    assert failed(state, Outcome.NOT_A_FEED).moved_url is None


def test_an_hour_of_a_captive_portal_moves_nothing() -> None:
    state = POLLED
    for minute in range(0, 60, 5):
        moved = response(status=304, moved_to="https://portal.example/")
        state = states.after_no_change(state, moved, NOW + timedelta(minutes=minute), BOUNDS)
    state = states.after_no_change(state, response(status=304), NOW + timedelta(hours=25), BOUNDS)
    assert (state.moved_url, state.moving_to) == (None, None)


def test_the_memory_of_guids_is_bounded() -> None:
    full = replace(POLLED, guids={str(number): "x" for number in range(states.GUIDS_KEPT)})
    for entries, kept in ((300, states.GUIDS_KEPT), (40, 120), (5, states.FEWEST_GUIDS_KEPT)):
        found = harvest(guids={"new": "y"}, total=entries)
        after = states.after_document(full, response(), found, NOW, BOUNDS)
        assert len(after.guids) == kept
        assert after.guids["new"] == "y"
