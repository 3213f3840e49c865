"""One line and one count for each poll."""

from __future__ import annotations

from ingest.feeds import Feed
from ingest.outcome import SUCCESSES, Outcome
from riftwatch import log, metrics
from riftwatch.records import FeedState

logger = log.get(__name__)


def count_entries(sent: int, state: FeedState) -> None:
    """Count the entries of a poll whose items were acknowledged."""
    metrics.ENTRIES.labels("new").inc(state.items_new)
    metrics.ENTRIES.labels("revised").inc(max(0, sent - state.items_new))
    if sent:
        metrics.ENTRIES.labels("dup").inc(max(0, state.items_total - sent))


def report(feed: Feed, outcome: Outcome, detail: str, sent: int, took_s: float) -> None:
    """Say how a poll ended; polls that brought nothing new are for debugging only."""
    metrics.POLLS.labels(outcome.value).inc()
    metrics.POLL_SECONDS.observe(took_s)
    say = logger.debug if outcome in SUCCESSES and not sent else logger.info
    say("polled", status=outcome.value, feed=feed.feed_id, items=sent, ms=round(took_s * 1000), detail=detail)
