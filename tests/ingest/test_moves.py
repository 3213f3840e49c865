"""Permanent redirects: an audit row for every change, and a way back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from msgspec import structs

from ingest import moves
from ingest import state as states
from riftwatch.records import FeedState, decode, encode
from tests.ingest.samples import FEED, NOW, URL

NEW = "https://new.example/rss"
HOUR = timedelta(hours=1)


def moved(target: str = NEW) -> FeedState:
    state = states.fresh(FEED)
    for hour in (0, 6, 12, 18, 25):
        state = moves.observed(state, target, NOW + hour * HOUR)
    return state


def test_the_audit_row_says_from_where_to_where_since_when_and_why() -> None:
    [row] = moved().moves
    assert (row.old, row.new, row.since, row.at) == (URL, NEW, NOW, NOW + 25 * HOUR)
    assert "permanent redirect, 5 polls" in row.why


def test_a_target_that_changes_starts_anew() -> None:
    state = states.fresh(FEED)
    for hour in range(0, 48, 4):
        state = moves.observed(state, f"https://{hour}.example/", NOW + hour * HOUR)
    assert (state.moved_url, state.moving_times) == (None, 1)


def test_a_failing_new_address_is_given_up_with_a_row() -> None:
    state = moves.given_up(structs.replace(moved(), health="not_a_feed"), NOW + 30 * HOUR)
    assert (state.moved_url, state.etag) == (None, None)
    assert [(row.old, row.new) for row in state.moves] == [(URL, NEW), (NEW, URL)]
    assert state.moves[1].why == "the new address failed: not_a_feed"
    assert moves.given_up(state, NOW) == state


def test_an_editor_takes_a_move_back_by_saying_that_the_feed_stays() -> None:
    state = states.current(replace(FEED, stays=True), moved(), NOW + 30 * HOUR)
    assert states.request_of(state, NOW).url == URL
    assert "stays where it is" in state.moves[-1].why


def test_an_editor_who_enters_the_new_address_keeps_what_is_known() -> None:
    before = structs.replace(moved(), seen={"a": "1"})
    state = states.current(replace(FEED, url=NEW), before, NOW)
    assert (state.url, state.moved_url, state.seen) == (NEW, None, {"a": "1"})
    assert len(state.moves) == 1


def test_ten_rows_are_kept_and_survive_the_topic() -> None:
    state, now = moved(), NOW
    for _ in range(20):
        now += HOUR
        state = moves.given_up(structs.replace(state, moved_url=NEW), now)
    assert len(state.moves) == moves.ROWS_KEPT
    assert decode(encode(state), FeedState) == state


def test_the_type_of_a_row_is_a_moment() -> None:
    assert isinstance(moved().moves[0].at, datetime)
