"""Feeds that are gone or long dead: probed once a week, and back at the first success. Pure.

A 410 is said by mistake as well, so one of them is only a failure: three over a day park a feed, and so do 30
days without a single success, whatever the cause. Nothing is ever dropped: feeds do return.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from ingest import schedule
from ingest.outcome import Failure, Outcome
from riftwatch.records import FeedState

GONE_TIMES = 3
GONE_LASTING = timedelta(hours=24)
DEAD_AFTER = timedelta(days=30)
PROBE_S = 7 * 24 * 3600.0


def after_failure(state: FeedState, failure: Failure, now: datetime) -> FeedState:
    """Return the state with this failure counted, and parked with a probe next week where that is due."""
    times = state.gone_times + (failure.outcome == Outcome.GONE)
    since = state.failing_since or now
    counted = replace(state, gone_times=times, failing_since=since)
    gone = times >= GONE_TIMES and now - since >= GONE_LASTING
    if not gone and now - since < DEAD_AFTER:
        return counted
    why = f"said to be gone {times} times" if gone else "no success for 30 days"
    return replace(
        counted,
        parked=True,
        next_poll_at=schedule.next_in_phase(state.feed_id, now, PROBE_S, PROBE_S / 2),
        detail=f"{failure.detail}; parked ({why} since {since:%Y-%m-%d}) and probed once a week",
    )


def after_success(state: FeedState) -> FeedState:
    """Return the state with all of that forgotten."""
    return replace(state, gone_times=0, failing_since=None, parked=False)
