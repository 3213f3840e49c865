"""What a poll leaves behind: the feed's next state. Pure; riftwatch.feeds is the only place that keeps it.

Validators, the body's hash and the seen entries belong together: they are saved in one record, and only
after the broker acknowledged every item of the poll.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from msgspec.structs import replace

from ingest import moves, schedule
from ingest.feeds import Feed
from ingest.fetch import Request, Response
from ingest.outcome import Failure, Outcome, weight
from ingest.schedule import Bounds, Hints
from riftwatch.records import FeedState

GUIDS_KEPT = 600  # twice the longest document, so that a tombstone still finds its story
SILENT_AFTER = timedelta(hours=72)  # a long weekend
SILENT_GAPS = 12  # of the usual gap: by chance alone this happens once in 160,000 polls
VALIDATORS_OFF = timedelta(days=7)
FULL_EVERY = timedelta(days=1)
FULL_SHARE = 0.01  # of the 304s are checked by fetching the whole document


@dataclass(frozen=True, slots=True, kw_only=True)
class Harvest:
    """What one document held."""

    title: str
    hints: Hints
    body_hash: str
    seen: Mapping[str, str]
    guids: Mapping[str, str]
    new: int
    total: int
    recent: int | None = None  # dated within the last day; None when hardly any entry is dated
    outcome: Outcome = Outcome.OK
    detail: str = ""


def fresh(feed: Feed) -> FeedState:
    """Return the state of a feed that was never polled."""
    return FeedState(
        feed_id=feed.feed_id, url=feed.url, title=feed.title, publisher=feed.publisher, language=feed.language
    )


def current(feed: Feed, state: FeedState | None) -> FeedState:
    """Return the state to poll with; a new address in the catalogue drops what belonged to the old one."""
    if state is None:
        return fresh(feed)
    state = replace(state, publisher=feed.publisher, language=feed.language)
    if state.url == feed.url:
        return state
    return replace(
        state, url=feed.url, etag=None, last_modified=None, body_hash=None, validators_host=None,
        next_poll_at=None, failures=0.0, moved_url=None, moving_to=None, moving_since=None, moving_times=0,
    )  # fmt: skip


def request_of(state: FeedState, now: datetime) -> Request:
    """Return what to fetch, with the validators unless they are known to lie."""
    url = state.moved_url or state.url
    if state.validators_off_until is not None and now < state.validators_off_until:
        return Request(url=url)
    return Request(
        url=url,
        etag=state.etag,
        last_modified=state.last_modified,
        validators_host=state.validators_host,
    )


def wants_audit(state: FeedState, now: datetime, rng: random.Random) -> bool:
    """Return whether this 304 is one of those to check against the whole document."""
    rested = state.last_full_at is None or now - state.last_full_at >= FULL_EVERY
    return rested and rng.random() < FULL_SHARE


def hints_of(response: Response, ttl_minutes: float | None, now: datetime) -> Hints:
    """Return how long the server wants to be left alone."""
    age = schedule.max_age(response.cache_control, response.expires, now)
    return Hints(max_age_s=age, ttl_s=(ttl_minutes or 0.0) * 60)


def after_document(
    state: FeedState, response: Response, harvest: Harvest, now: datetime, bounds: Bounds
) -> FeedState:
    """Return the state after a document was read and its items were acknowledged."""
    elapsed = (now - state.last_success_at).total_seconds() if state.last_success_at else 0.0
    rate = schedule.learnt_rate(state.rate_per_hour, harvest.new, elapsed)
    if rate is None and harvest.recent is not None:
        rate = harvest.recent / 24
    news = now if harvest.new or state.last_new_item_at is None else state.last_new_item_at
    succeeded = _succeeded(state, harvest.hints, now, bounds, rate)
    outcome, detail = _unless_silent(harvest.outcome, harvest.detail, news, rate, now)
    return moves.observed(
        replace(
            _with_validators(succeeded, response),
            title=harvest.title or state.title,
            body_hash=harvest.body_hash,
            health=outcome.value,
            detail=detail,
            http_status=response.status,
            last_new_item_at=news,
            last_full_at=now,
            items_new=harvest.new,
            items_total=harvest.total,
            seen=dict(harvest.seen),
            guids=_newest({**state.guids, **harvest.guids}),
            rate_per_hour=rate,
        ),
        response.moved_to,
        now,
    )


def after_no_change(state: FeedState, response: Response, now: datetime, bounds: Bounds) -> FeedState:
    """Return the state after a 304 or the same body again; the cache headers may have changed."""
    elapsed = (now - state.last_success_at).total_seconds() if state.last_success_at else 0.0
    rate = schedule.learnt_rate(state.rate_per_hour, 0, elapsed)
    succeeded = _succeeded(state, hints_of(response, None, now), now, bounds, rate)
    outcome, detail = _unless_silent(
        Outcome.NOT_MODIFIED, "unchanged since the last poll", state.last_new_item_at, rate, now
    )
    kept = replace(
        succeeded if response.status == 304 else _with_validators(succeeded, response),
        health=outcome.value,
        detail=detail,
        http_status=response.status,
        items_new=0,
        rate_per_hour=rate,
        last_full_at=state.last_full_at if response.status == 304 else now,
    )
    return moves.observed(kept, response.moved_to, now)


def after_failure(
    state: FeedState, failure: Failure, now: datetime, bounds: Bounds, *, priority: bool, rng: random.Random
) -> FeedState:
    """Return the state after a poll that brought nothing; validators and seen entries stay."""
    planned = bounds.clamp(state.interval_s or schedule.FIRST_INTERVAL_S)
    failures = state.failures + weight(failure.outcome)
    wait = schedule.retry_after(failure.retry_after, now)
    failed = replace(
        state,
        polled_at=now,
        next_poll_at=schedule.after_failure(now, planned, failures, wait, priority=priority, rng=rng),
        interval_s=planned,
        health=failure.outcome.value,
        detail=failure.detail,
        http_status=failure.status,
        failures=failures,
        items_new=0,
    )
    return moves.given_up(failed) if weight(failure.outcome) >= 1 else failed


def distrust_304(state: FeedState, now: datetime) -> FeedState:
    """Return the state of a feed whose 304 lied: whole documents only, for a week."""
    return replace(state, validators_off_until=now + VALIDATORS_OFF)


def _succeeded(
    state: FeedState, hints: Hints, now: datetime, bounds: Bounds, rate: float | None
) -> FeedState:
    planned = bounds.clamp(max(state.interval_s or schedule.FIRST_INTERVAL_S, hints.wait_s))
    if state.failures == 0 and (state.polled_at is None or schedule.was_on_time(state.next_poll_at, now)):
        planned = schedule.interval(rate, hints, bounds)
    return replace(
        state,
        polled_at=now,
        next_poll_at=schedule.next_in_phase(state.feed_id, now, planned),
        interval_s=planned,
        failures=0.0,
        last_success_at=now,
    )


def _with_validators(state: FeedState, response: Response) -> FeedState:
    unusable = (response.expires or "").strip() in {"0", "-1"}
    return replace(
        state,
        etag=None if unusable else response.etag,
        last_modified=None if unusable else response.last_modified,
        validators_host=response.host,
    )


def _unless_silent(
    outcome: Outcome, detail: str, news: datetime | None, rate: float | None, now: datetime
) -> tuple[Outcome, str]:
    """Return SILENT instead when a feed that reads well has brought nothing for far longer than usual."""
    if outcome not in {Outcome.OK, Outcome.NOT_MODIFIED} or news is None:
        return outcome, detail
    usual = timedelta(hours=min(SILENT_GAPS / rate, 24 * 365)) if rate else SILENT_AFTER
    if now - news <= max(SILENT_AFTER, usual):
        return outcome, detail
    return Outcome.SILENT, f"it answers, but has brought nothing new for {(now - news).days} days"


def _newest(guids: Mapping[str, str]) -> dict[str, str]:
    kept: Sequence[tuple[str, str]] = list(guids.items())[-GUIDS_KEPT:]
    return dict(kept)
