from __future__ import annotations

import random

import pytest
from msgspec.structs import replace

from ingest.fetch import Response
from ingest.outcome import SUCCESSES, Failure, Outcome, weight
from ingest.poll import Deps, PollResult, poll_feed
from ingest.reading import Reader
from ingest.schedule import Bounds
from riftwatch.records import FeedState
from tests.ingest.fakes import FakeFetcher, InlineParser
from tests.ingest.samples import FEED, NOW, PUBLISHERS, URL, response
from tests.ingest.servers import rss


class Always(random.Random):
    """Chance that picks every 304 for an audit."""

    def random(self) -> float:
        return 0.0


class Never(random.Random):
    """Chance that picks none."""

    def random(self) -> float:
        return 0.999


def deps(answer: Response | Failure, rng: random.Random | None = None) -> Deps:
    return Deps(
        fetcher=FakeFetcher({URL: answer}), reader=Reader(InlineParser(), PUBLISHERS), bounds=Bounds(300, 3600),
        rng=rng or Never(),
    )  # fmt: skip


async def poll(
    answer: Response | Failure, state: FeedState | None = None, rng: random.Random | None = None
) -> PollResult:
    return await poll_feed(FEED, state, deps(answer, rng), NOW)


async def test_a_first_poll_brings_everything() -> None:
    result = await poll(response(rss("One", "Two"), etag='"1"'))
    assert [item.title for item in result.items] == ["One", "Two"]
    assert (result.outcome, result.state.etag, result.state.items_new) == (Outcome.OK, '"1"', 2)


async def test_the_same_document_brings_nothing_by_304_by_hash_and_by_content() -> None:
    first = await poll(response(rss("One", "Two"), etag='"1"'))
    by_304 = await poll(response(rss("One", "Two"), etag='"1"'), first.state)
    by_hash = await poll(response(rss("One", "Two"), etag='"2"'), first.state)
    other_bytes = rss("One", "Two").replace(b"News", b"News!")
    by_content = await poll(response(other_bytes, etag='"3"'), first.state)
    assert by_304.items == by_hash.items == by_content.items == ()
    assert [one.outcome for one in (by_304, by_hash, by_content)] == [
        Outcome.NOT_MODIFIED, Outcome.NOT_MODIFIED, Outcome.OK,
    ]  # fmt: skip
    assert by_hash.state.etag == '"2"'


async def test_a_failure_brings_no_items_and_keeps_what_was_known() -> None:
    first = await poll(response(rss("One"), etag='"1"'))
    result = await poll(Failure(outcome=Outcome.GONE, detail="gone", status=410), first.state)
    assert (result.outcome, result.items) == (Outcome.GONE, ())
    assert (result.state.etag, result.state.seen) == ('"1"', first.state.seen)


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b"<html><head><title>Log in</title></head></html>", Outcome.CHALLENGE),
        (b"<html><head><title>News</title></head></html>", Outcome.NOT_A_FEED),
        (b"", Outcome.EMPTY),
        (rss(), Outcome.EMPTY),
        (b"/etc/passwd", Outcome.NOT_A_FEED),
    ],
)
async def test_what_is_no_feed_is_named_and_is_no_mass_deletion(body: bytes, outcome: Outcome) -> None:
    first = await poll(response(rss("One")))
    result = await poll(response(body), first.state)
    assert (result.outcome, result.items) == (outcome, ())
    assert result.state.detail


async def test_a_304_that_lied_is_found_out_and_its_items_are_not_lost() -> None:
    first = await poll(response(rss("One"), etag='"lying"'))
    state = replace(first.state, last_full_at=None)
    result = await poll(response(rss("One", "Two"), etag='"lying"'), state, Always())
    assert [item.title for item in result.items] == ["Two"]
    assert result.state.validators_off_until is not None


async def test_a_304_that_told_the_truth_stays_trusted() -> None:
    first = await poll(response(rss("One"), etag='"1"'))
    state = replace(first.state, last_full_at=None)
    result = await poll(response(rss("One"), etag='"1"'), state, Always())
    assert (result.items, result.outcome) == ((), Outcome.NOT_MODIFIED)
    assert (result.state.validators_off_until, result.state.last_full_at) == (None, NOW)


async def test_a_priority_feed_waits_a_quarter_of_the_longest_interval_at_most() -> None:
    from dataclasses import replace as altered

    slow = response(rss("One"), cache_control="max-age=99999")
    usual = await poll_feed(FEED, None, deps(slow), NOW)
    priority = await poll_feed(altered(FEED, priority=True), None, deps(slow), NOW)
    assert (usual.state.interval_s, priority.state.interval_s) == (3600, 900)


def test_every_outcome_has_a_weight_between_0_and_1() -> None:
    for outcome in Outcome:
        assert 0 <= weight(outcome) <= 1
        if outcome in SUCCESSES:
            assert weight(outcome) == 0
    assert weight(Outcome.GONE) > weight(Outcome.TIMEOUT) > weight(Outcome.DNS) > 0
