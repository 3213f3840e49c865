"""The story of one feed, top to bottom: ask, read, tell new from known, and say when to ask again.

Nothing is sent or saved here. The caller sends the items, and keeps the new state only once the broker has
acknowledged every one of them: after a failed send the old state stands, and the next poll delivers again.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import urlsplit

from ingest import sitemap, twins, websub
from ingest import state as states
from ingest.feeds import Feed
from ingest.fetch import Fetcher, Request, Response
from ingest.outcome import Failure, Outcome
from ingest.reading import Reader
from ingest.robots import Robots
from ingest.schedule import Bounds
from riftwatch import metrics
from riftwatch.records import FeedItem, FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Deps:
    """What a poll works with."""

    fetcher: Fetcher
    reader: Reader
    bounds: Bounds
    robots: Robots | None = None  # None: nobody is asked, as in a replay
    rng: random.Random = field(default_factory=random.Random)


_UNWANTED = Failure(
    outcome=Outcome.FORBIDDEN,
    detail="the host's robots.txt asks Riftwatch by name to stay away from this address",
)


@dataclass(frozen=True, slots=True)
class PollResult:
    """What a poll brought: items to send, and the state to keep once they are acknowledged."""

    items: tuple[FeedItem, ...]
    state: FeedState
    outcome: Outcome
    failure: Failure | None = None


async def poll_feed(feed: Feed, state: FeedState | None, deps: Deps, now: datetime) -> PollResult:
    """Poll one feed; everything a server can do wrong is an outcome. `now` becomes the items' fetched_at."""
    before = states.current(feed, state, now)
    result = await _polled(feed, before, deps, now)
    told = states.told(before, result.state, now)
    return replace(result, state=websub.trusted(before, told, now, bounds_of(feed, deps.bounds)))


async def take_message(
    feed: Feed, state: FeedState | None, message: websub.Message, deps: Deps, now: datetime
) -> PollResult:
    """Do with a hub's message what a poll does with an answer; a push goes the way of a fetched document."""
    before = states.current(feed, state, now)
    if not isinstance(message, websub.Pushed):
        return PollResult((), websub.heard(before, message, now), Outcome.OK)
    topic = before.websub.topic if before.websub else before.url
    fetched = Response(status=200, url=topic, body=message.body, content_type=message.content_type)
    reader = Reader(deps.reader.parser, deps.reader.publishers)  # the memory of the last document stays
    gathered = await reader.read(feed, before, fetched, hashlib.sha256(message.body).hexdigest(), now)
    if isinstance(gathered, Failure):
        return PollResult((), before, gathered.outcome)
    return PollResult(gathered.items, websub.after_push(before, gathered.harvest, now), Outcome.OK)


async def _polled(feed: Feed, before: FeedState, deps: Deps, now: datetime) -> PollResult:
    bounds = bounds_of(feed, deps.bounds)
    request = states.request_of(before, now)
    if deps.robots and not await deps.robots.allows(request.url, now, named_only=True):
        return _failed(feed, before, _UNWANTED, deps, now)
    fetched = await _fetched(request, deps)
    if isinstance(fetched, Failure) and twins.may_try(before, request.url, fetched, now):
        before = twins.tried(before, now)
        fetched = twins.chosen(fetched, await _fetched(twins.request_of(request), deps))
    if feed.stays and isinstance(fetched, Response):
        fetched = replace(fetched, moved_to=None)
    if _is_unchanged(fetched) and states.wants_audit(before, now, deps.rng):
        before, fetched = await _audited(before, fetched, request, deps, now)
    if isinstance(fetched, Failure):
        return _failed(feed, before, fetched, deps, now)
    body_hash = hashlib.sha256(fetched.body).hexdigest()
    if fetched.status == 304 or body_hash == before.body_hash:
        unchanged = states.after_no_change(before, fetched, now, bounds)
        return PollResult((), unchanged, Outcome(unchanged.health))
    gathered = await deps.reader.read(feed, before, fetched, body_hash, now)
    if isinstance(gathered, Failure):
        return _failed(feed, before, gathered, deps, now)
    after = states.after_document(before, fetched, gathered.harvest, now, bounds)
    return PollResult(gathered.items, websub.noted(after, fetched), Outcome(after.health))


def bounds_of(feed: Feed, bounds: Bounds) -> Bounds:
    """Return the bounds of one feed: a priority feed waits a quarter of the longest interval at most.

    It alone may be polled faster than the rest, where its server says that it may.
    """
    if feed.priority:
        return replace(bounds, max_s=max(bounds.min_s, bounds.max_s / 4))
    return replace(bounds, fast_s=None)


async def _fetched(request: Request, deps: Deps) -> Response | Failure:
    """Return the document at an address; an index of sitemaps stands for the sitemap it leads to."""
    fetched = await deps.fetcher.fetch(request)
    child = sitemap.child_of(fetched.body, fetched.url) if isinstance(fetched, Response) else None
    if child is None or isinstance(fetched, Failure):
        return fetched
    inner = await deps.fetcher.fetch(Request(url=child))
    return (
        inner
        if isinstance(inner, Failure)
        else replace(fetched, body=inner.body, content_type=inner.content_type)
    )


async def _audited(
    state: FeedState, unchanged: Response | Failure, request: Request, deps: Deps, now: datetime
) -> tuple[FeedState, Response | Failure]:
    """Check a 304 against the whole document; one that lied is not believed for a week."""
    whole = await _fetched(replace(request, etag=None, last_modified=None), deps)
    if isinstance(whole, Failure) or whole.status != 200:
        return state, unchanged
    if hashlib.sha256(whole.body).hexdigest() != state.body_hash:
        metrics.FALSE_304.labels(urlsplit(whole.url).hostname or "").inc()
        return states.distrust_304(state, now), whole
    return state, whole


def _is_unchanged(fetched: Response | Failure) -> bool:
    return isinstance(fetched, Response) and fetched.status == 304


def _failed(feed: Feed, state: FeedState, failure: Failure, deps: Deps, now: datetime) -> PollResult:
    bounds = bounds_of(feed, deps.bounds)
    after = states.after_failure(state, failure, now, bounds, priority=feed.priority, rng=deps.rng)
    return PollResult((), after, failure.outcome, failure)
