"""Permanent redirects: believed only when they last, and never for good.

A hotel's login page and a hijacked domain send 301 too. A new address is used once every hop was permanent,
the target was the same at five polls over more than a day, and it brought a feed. The catalogue's address is
kept: it is tried again as soon as the new one fails hard, or when an editor says that the feed stays. Every
change leaves an audit row in the feed's state.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from riftwatch.records import FeedMove, FeedState

TIMES = 5
LASTING = timedelta(hours=24)
ROWS_KEPT = 10


def observed(state: FeedState, moved_to: str | None, now: datetime) -> FeedState:
    """Return the state after a success that came by way of `moved_to`, or directly (None)."""
    if moved_to is None:
        return replace(state, moving_to=None, moving_since=None, moving_times=0)
    if moved_to != state.moving_to or state.moving_since is None:
        return replace(state, moving_to=moved_to, moving_since=now, moving_times=1)
    times = state.moving_times + 1
    if times >= TIMES and now - state.moving_since >= LASTING:
        return _taken(state, moved_to, state.moving_since, times, now)
    return replace(state, moving_times=times)


def undone(state: FeedState, now: datetime, why: str) -> FeedState:
    """Return the state back at the catalogue's address, with the reason in the audit."""
    if state.moved_url is None:
        return state
    row = FeedMove(at=now, old=state.moved_url, new=state.url, why=why)
    back = replace(state, moved_url=None, etag=None, last_modified=None, validators_host=None)
    return _with_row(back, row)


def given_up(state: FeedState, now: datetime) -> FeedState:
    """Return the state after the new address failed hard: back to the catalogue's own."""
    return undone(state, now, f"the new address failed: {state.health}")


def _taken(state: FeedState, target: str, since: datetime, times: int, now: datetime) -> FeedState:
    why = f"every answer was a permanent redirect, {times} polls in a row"
    row = FeedMove(at=now, old=state.moved_url or state.url, new=target, why=why, since=since)
    return replace(
        _with_row(state, row),
        moved_url=target,
        moving_to=None,
        moving_since=None,
        moving_times=0,
        detail=f"moved for good to {target}; the catalogue still says {state.url}",
    )


def _with_row(state: FeedState, row: FeedMove) -> FeedState:
    return replace(state, moves=(*state.moves, row)[-ROWS_KEPT:])
