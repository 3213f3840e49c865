"""The https twin of an http address whose port 80 fell silent. Pure.

Outlets switch http off without a redirect, and their feeds are stale for months unnoticed. When an http address
fails, the same address over https is tried, once a day, or at every failure while it works. It brings items at
once, and is stored as a permanent redirect would be: after five polls over a day.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from msgspec import structs

from ingest.fetch import Request, Response
from ingest.outcome import Failure, Outcome
from riftwatch.records import FeedState

EVERY = timedelta(days=1)
# What an abandoned port 80 looks like. A name that does not resolve or a plea for rest is the same over https.
_SIGNS = frozenset(
    {Outcome.UNREACHABLE, Outcome.TIMEOUT, Outcome.NOT_FOUND, Outcome.GONE, Outcome.FORBIDDEN, Outcome.SERVER_ERROR}
)  # fmt: skip


def may_try(state: FeedState, url: str, failure: Failure, now: datetime) -> bool:
    """Return whether the twin of a failed address is worth a request now."""
    parts = urlsplit(url)
    if parts.scheme.lower() != "http" or parts.port not in {None, 80} or failure.outcome not in _SIGNS:
        return False
    works = (state.moving_to or "").startswith("https:")
    return works or state.https_tried_at is None or now - state.https_tried_at >= EVERY


def tried(state: FeedState, now: datetime) -> FeedState:
    """Return the state with the attempt noted."""
    return structs.replace(state, https_tried_at=now)


def request_of(request: Request) -> Request:
    """Return the request for the twin; what the http host said of its document is none of its business."""
    return Request(url=https_of(request.url))


def chosen(failure: Failure, twin: Response | Failure) -> Response | Failure:
    """Return the twin's document as one that moved there for good, or the first failure."""
    if isinstance(twin, Failure):
        return failure
    return replace(twin, moved_to=twin.url)


def https_of(url: str) -> str:
    """Return an address with its scheme changed to https."""
    parts = urlsplit(url)
    return parts._replace(scheme="https", netloc=parts.netloc.removesuffix(":80")).geturl()
