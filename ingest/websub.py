"""WebSub (W3C 2018): which hub a feed announces, when to subscribe, and what its messages prove. Pure.

A push is a hint with content: it brings entries, but validators, body hash and the plan of polls stay, and polling
goes on at the longest interval as the proof that pushes arrive. A poll that finds something no push had brought ends
the trust until the next push.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from typing import Literal
from urllib.parse import urljoin

from msgspec.structs import replace

from ingest import schedule
from ingest.clean import MAX_ID_CHARS
from ingest.fetch import Response
from ingest.schedule import Bounds
from ingest.state import Harvest
from riftwatch.records import FeedState, Subscription

LEASE = timedelta(days=10)  # asked for; the hub decides
LONGEST_LEASE = timedelta(days=30)
ASK_AGAIN = timedelta(hours=6)  # after a hub that did not confirm, or refused
HEAD_BYTES = 20_000
SEEN_KEPT = 600
_ENTRY = re.compile(rb"<(?:\w+:)?(?:item|entry)[\s>]")
_LINK = re.compile(rb"<(?:[\w.-]+:)?link\b[^>]*>")
_ATTRIBUTE = re.compile(r"""\b(rel|href)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_HEADER = re.compile(r"<([^>]*)>([^<]*)")
_REL = re.compile(r"""\brel\s*=\s*(?:"([^"]*)"|([^\s;,"]+))""", re.IGNORECASE)
_METHODS = {"sha1", "sha256", "sha384", "sha512"}  # what the specification names
Wish = Literal["subscribe", "unsubscribe"]


@dataclass(frozen=True, slots=True)
class Pushed:
    """A document that a hub delivered, its signature proven."""

    body: bytes
    content_type: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A hub asked whether we meant it, and was told so."""

    wish: Wish
    lease: timedelta


@dataclass(frozen=True, slots=True)
class Denied:
    """A hub will not deliver."""


Message = Pushed | Verified | Denied


def announced(response: Response) -> tuple[str, str] | None:
    """Return hub and topic that a document names, in its Link header or else in itself."""
    named: dict[str, str] = {}
    for rel, address in (*_in_header(response.links), *_in_document(response.body)):
        named.setdefault(rel, urljoin(response.url, address)[:MAX_ID_CHARS])
    hub, topic = named.get("hub", ""), named.get("self", response.url)
    web = all(address.lower().startswith(("http://", "https://")) for address in (hub, topic))
    return (hub, topic) if web else None


def self_of(links: str) -> str | None:
    """Return what Link headers call the document's own address."""
    return next((address for rel, address in _in_header(links) if rel == "self"), None)


def noted(state: FeedState, response: Response) -> FeedState:
    """Return the state with the hub that a whole document names; a hub no longer named is left."""
    found = announced(response)
    known = state.websub
    if found is None:
        leaving = known and known.state == "active" and not known.leaving
        return replace(state, websub=replace(known, leaving=True) if known and leaving else known)
    if known and (known.hub, known.topic) == found:
        return replace(state, websub=replace(known, leaving=False)) if known.leaving else state
    return replace(state, websub=Subscription(hub=found[0], topic=found[1]))


def wish_of(known: Subscription | None, callback: str, now: datetime) -> Wish | None:
    """Return what to ask the hub for now, if anything."""
    if known is None or (known.asked_at is not None and now - known.asked_at < ASK_AGAIN):
        return None
    if known.leaving:
        return "unsubscribe" if known.until and now < known.until else None
    if known.state == "active" and known.callback == callback and known.renew_at and now < known.renew_at:
        return None
    return "subscribe"


def asked(known: Subscription, callback: str, now: datetime, *, taken: bool) -> Subscription:
    """Return the subscription after the hub was asked."""
    state = known.state if known.state == "active" else "asked" if taken else "refused"
    return replace(known, state=state, asked_at=now, callback=callback)


def heard(state: FeedState, message: Verified | Denied, now: datetime) -> FeedState:
    """Return the state after a hub's word on a subscription."""
    known = state.websub
    if known is None:
        return state
    if isinstance(message, Denied):
        return replace(state, websub=replace(known, state="refused", asked_at=now, until=None, renew_at=None))
    if message.wish == "unsubscribe":
        return replace(state, websub=None)
    lease = min(message.lease, LONGEST_LEASE)
    return replace(
        state,
        websub=replace(known, state="active", asked_at=None, until=now + lease, renew_at=now + lease * 2 / 3),
    )


def after_push(state: FeedState, harvest: Harvest, now: datetime) -> FeedState:
    """Return the state after pushed entries were acknowledged; the next poll asks as if there had been no push."""
    known = state.websub
    seen = {key: value for key, value in state.seen.items() if key not in harvest.seen} | dict(harvest.seen)
    guids = {**state.guids, **harvest.guids}
    return replace(
        state,
        seen=dict(list(seen.items())[-SEEN_KEPT:]),
        guids=dict(list(guids.items())[-SEEN_KEPT:]),
        items_new=harvest.new,
        last_success_at=now,
        last_new_item_at=now if harvest.new else state.last_new_item_at,
        detail=f"{harvest.new} new entries pushed by the hub",
        websub=known and replace(known, pushed_at=now),
    )


def trusted(before: FeedState, after: FeedState, now: datetime, bounds: Bounds) -> FeedState:
    """Return the state after a poll: at rest while pushes are proven to arrive."""
    known = after.websub
    if known is None or known.pushed_at is None:
        return after
    if after.items_new and before.polled_at is not None:
        return replace(after, websub=replace(known, pushed_at=None))  # the hub had said nothing of these
    if known.state != "active" or known.until is None or now >= known.until or after.failures:
        return after
    rest = schedule.next_in_phase(after.feed_id, now, bounds.max_s, bounds.max_s / 2)
    return replace(after, next_poll_at=max(rest, after.next_poll_at or rest), interval_s=bounds.max_s)


def key_of(master: str, purpose: str, feed_id: str, topic: str) -> str:
    """Return a secret of one feed: derived, so that none has to be kept."""
    text = f"{purpose}\x00{feed_id}\x00{topic}"
    return hmac.new(master.encode(), text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Return whether X-Hub-Signature proves that the hub knows the secret; in constant time."""
    method, _, given = header.strip().partition("=")
    if method.lower() not in _METHODS:
        return False
    wanted = hmac.new(secret.encode(), body, method.lower()).hexdigest()
    return hmac.compare_digest(wanted.encode(), given.strip().lower().encode("utf-8", "replace"))


def _in_header(links: str) -> Iterator[tuple[str, str]]:
    for address, parameters in _HEADER.findall(links):
        found = _REL.search(parameters)
        for rel in (found[1] or found[2] or "").lower().split() if found else ():
            yield rel, address.strip()


def _in_document(body: bytes) -> Iterator[tuple[str, str]]:
    first = _ENTRY.search(body)
    head = body[: min(first.start() if first else HEAD_BYTES, HEAD_BYTES)]
    for tag in _LINK.findall(head):
        found = {
            name: one or other for name, one, other in _ATTRIBUTE.findall(tag.decode("utf-8", "replace"))
        }
        for rel in found.get("rel", "").lower().split():
            yield rel, unescape(found.get("href", "")).strip()
