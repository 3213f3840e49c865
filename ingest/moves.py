"""Permanent redirects: believed only when they last, and never for good.

A hotel's login page and a hijacked domain send 301 too. A new address is used once every hop was permanent,
the target was the same at five polls over more than a day, and it brought a feed. The catalogue's address is
kept: it is tried again as soon as the new one fails hard, or when an editor changes the catalogue.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from riftwatch.records import FeedState

TIMES = 5
LASTING = timedelta(hours=24)


def observed(state: FeedState, moved_to: str | None, now: datetime) -> FeedState:
    """Return the state after a success that came by way of `moved_to`, or directly (None)."""
    if moved_to is None:
        return replace(state, moving_to=None, moving_since=None, moving_times=0)
    if moved_to != state.moving_to or state.moving_since is None:
        return replace(state, moving_to=moved_to, moving_since=now, moving_times=1)
    times = state.moving_times + 1
    if times >= TIMES and now - state.moving_since >= LASTING:
        return replace(
            state,
            moved_url=moved_to,
            moving_to=None,
            moving_since=None,
            moving_times=0,
            detail=f"moved for good to {moved_to}; the catalogue still says {state.url}",
        )
    return replace(state, moving_times=times)


def given_up(state: FeedState) -> FeedState:
    """Return the state after the new address failed hard: back to the catalogue's own."""
    if state.moved_url is None:
        return state
    return replace(state, moved_url=None, etag=None, last_modified=None, validators_host=None)
