"""Whether what is new to us is news, or old news: archives, first sights, new names for old entries. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from ingest.dates import Published
from riftwatch.records import FeedState

BACKFILL_AGE = timedelta(hours=24)
FLOOD_LEAST, FLOOD_SHARE, FLOOD_TIMES = 20, 0.8, 4.0  # entries; of a document; what the feed brings as a rule
FULL_DOCUMENT = 5  # entries; a shorter one turns over by itself


def is_backfill(state: FeedState, published: Published, now: datetime) -> bool:
    """Return whether an unseen entry is old news to the feed itself: by its date, or at first sight without one."""
    if state.last_success_at is None and published.confidence in {"missing", "clamped"}:
        return True
    last_read = state.last_success_at or now
    return published.at < last_read - BACKFILL_AGE


def is_flood(state: FeedState, unseen: int, total: int, now: datetime) -> bool:
    """Return whether a document is an archive or has new names for old entries: far more that is new than usual."""
    if state.last_success_at is None or not state.seen or unseen < FLOOD_LEAST:
        return False
    hours = (now - state.last_success_at).total_seconds() / 3600
    usual = hours * (state.rate_per_hour or 0.0)
    return unseen > FLOOD_SHARE * total and unseen > FLOOD_TIMES * usual + FLOOD_LEAST


def has_gap(state: FeedState, news: int, total: int) -> bool:
    """Return whether not one entry of the last document is left, so that some may have come and gone unseen."""
    return bool(state.seen) and total >= FULL_DOCUMENT and news == total
