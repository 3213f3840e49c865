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

from ingest import moves, parking, planning, schedule
from ingest.feeds import Feed
from ingest.fetch import Request, Response
from ingest.guids import UNTRIED, Worth
from ingest.outcome import Failure, Outcome, weight
from ingest.planning import Lesson
from ingest.schedule import Bounds, Hints
from riftwatch.records import FeedState

GUIDS_KEPT = 600  # at most: twice the longest document
FEWEST_GUIDS_KEPT = 100  # three documents of most feeds, so that a tombstone still finds its story
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
    news: Sequence[datetime] = ()  # when the new ones that are no old news were published
    recent: int | None = None  # dated within the last day; None when hardly any entry is dated
    title_affixes: Sequence[str] = ()
    guids_worth: Worth = UNTRIED
    outcome: Outcome = Outcome.OK
    detail: str = ""


def fresh(feed: Feed) -> FeedState:
    """Return the state of a feed that was never polled."""
    return FeedState(
        feed_id=feed.feed_id, url=feed.url, title=feed.title, publisher=feed.publisher, language=feed.language
    )


def current(feed: Feed, state: FeedState | None, now: datetime) -> FeedState:
    """Return the state to poll with; a new address in the catalogue drops what belonged to the old one."""
    if state is None:
        return fresh(feed)
    state = replace(state, publisher=feed.publisher, language=feed.language)
    if feed.stays and state.moved_url:
        state = moves.undone(state, now, "the catalogue says that this feed stays where it is")
    if state.url == feed.url:
        return state
    return replace(
        state, url=feed.url, etag=None, last_modified=None, body_hash=None, validators_host=None,
        next_poll_at=None, failures=0.0, moved_url=None, moving_to=None, moving_since=None, moving_times=0,
        failing_since=None, gone_times=0, parked=False, asked_to_rest_until=None, https_tried_at=None,
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
    stated = bool(age or ttl_minutes or "max-age" in response.cache_control.lower())
    return Hints(max_age_s=age, ttl_s=(ttl_minutes or 0.0) * 60, stated=stated)


def after_document(
    state: FeedState, response: Response, harvest: Harvest, now: datetime, bounds: Bounds
) -> FeedState:
    """Return the state after a document was read and its items were acknowledged."""
    lesson = Lesson(hints=harvest.hints, news=harvest.news, total=harvest.total, recent=harvest.recent)
    news = now if harvest.new or state.last_new_item_at is None else state.last_new_item_at
    succeeded = _succeeded(state, lesson, now, bounds)
    outcome, detail = _unless_silent(harvest.outcome, harvest.detail, news, succeeded.rate_per_hour, now)
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
            guids=_newest({**state.guids, **harvest.guids}, harvest.total),
            title_affixes=tuple(harvest.title_affixes),
            guid_moves=harvest.guids_worth.moves,
            guid_news=harvest.guids_worth.news,
            guids_off_until=harvest.guids_worth.off_until,
        ),
        response.moved_to,
        now,
    )


def after_no_change(state: FeedState, response: Response, now: datetime, bounds: Bounds) -> FeedState:
    """Return the state after a 304 or the same body again; the cache headers may have changed."""
    succeeded = _succeeded(state, Lesson(hints=hints_of(response, None, now)), now, bounds)
    outcome, detail = _unless_silent(
        Outcome.NOT_MODIFIED, "unchanged since the last poll", state.last_new_item_at,
        succeeded.rate_per_hour, now,
    )  # fmt: skip
    kept = replace(
        succeeded if response.status == 304 else _with_validators(succeeded, response),
        health=outcome.value,
        detail=detail,
        http_status=response.status,
        items_new=0,
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
        asked_to_rest_until=None if wait is None else now + timedelta(seconds=wait),
    )
    failed = parking.after_failure(failed, failure, now)
    return moves.given_up(failed, now) if weight(failure.outcome) >= 1 else failed


def told(before: FeedState, after: FeedState, now: datetime) -> FeedState:
    """Return the new state with its streak: for how many polls, and since when, the feed has been so."""
    same = before.polled_at is not None and _mood(before.health) == _mood(after.health)
    since = (before.health_since if same else None) or now
    return replace(after, streak=before.streak + 1 if same else 1, health_since=since)


def _mood(health: str) -> str:
    return Outcome.OK.value if health == Outcome.NOT_MODIFIED else health


def distrust_304(state: FeedState, now: datetime) -> FeedState:
    """Return the state of a feed whose 304 lied: whole documents only, for a week."""
    return replace(state, validators_off_until=now + VALIDATORS_OFF)


def _succeeded(state: FeedState, lesson: Lesson, now: datetime, bounds: Bounds) -> FeedState:
    planned = parking.after_success(planning.after_success(state, lesson, now, bounds))
    return replace(planned, failures=0.0, last_success_at=now, asked_to_rest_until=None)


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


def _newest(guids: Mapping[str, str], entries: int) -> dict[str, str]:
    """Return the guids of about three documents: 600 of every feed would take 90 MB for 1,000 feeds."""
    most = min(GUIDS_KEPT, max(FEWEST_GUIDS_KEPT, 3 * entries))
    kept: Sequence[tuple[str, str]] = list(guids.items())[-most:]
    return dict(kept)
