"""A parsed document and the feed's memory to what is worth sending: new stories and changed ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest import identity
from ingest.canonical import canonical
from ingest.dates import Published, placed
from ingest.document import Document, Withdrawn
from ingest.feeds import Feed
from ingest.identity import Identified
from ingest.outcome import Outcome
from ingest.recall import Known, refuse_entangled
from ingest.schedule import Hints
from ingest.state import Harvest
from riftwatch.publishers import Publishers
from riftwatch.records import FeedItem, FeedState

BACKFILL_AGE = timedelta(hours=24)
DELETED = "deleted"  # stands for the content hash of a withdrawn entry


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one document gives."""

    items: tuple[FeedItem, ...]
    harvest: Harvest
    found: Sequence[Identified]  # the stories of the document's entries


def gather(
    feed: Feed,
    state: FeedState,
    document: Document,
    publishers: Publishers,
    now: datetime,
    *,
    hints: Hints,
    body_hash: str,
    known: Mapping[bytes, Known] | None = None,
) -> Gathered:
    """Return the entries that are new or changed since the feed's last document, as items.

    `known` are entries of the document that were left out because their bytes are those of last time; raises
    EntangledError when the others cannot be understood without them.

    An entry is backfill when it is new to us but dated a day before we last read the feed: a first poll, an
    archive dump, a change of all guids. A revision never is.
    """
    found = identity.identify(feed.feed_id, feed.url, document.entries, state.guids)
    known = known or {}
    if known:
        refuse_entangled(found, len(document.entries), known)
    hashes = {one.story_id: identity.content_hash(one.entry) for one in found}
    dates = {one.story_id: placed(one.entry.published, now) for one in found}
    changed = [one for one in found if state.seen.get(one.story_id) != hashes[one.story_id]]
    items = [
        _item(feed, state, document, one, hashes[one.story_id], dates[one.story_id], publishers, now)
        for one in changed
    ]
    same = {one.story_id: state.seen[one.story_id] for one in known.values()}
    gone = _withdrawn(feed, state, document.withdrawn, set(hashes), now)
    withdrawn = [item for item in gone if state.seen.get(item.story_id) != DELETED]
    all_dates = [*dates.values(), *(placed(one.published, now) for one in known.values())]
    outcome, detail = _verdict(document, all_dates, len(items))
    return Gathered(
        items=(*items, *withdrawn),
        harvest=Harvest(
            title=document.title,
            hints=hints,
            body_hash=body_hash,
            seen=hashes | same | {item.story_id: DELETED for item in gone},
            guids={one.guid_key: one.story_id for one in found if one.guid_key}
            | {one.guid_key: one.story_id for one in known.values()},
            new=sum(one.story_id not in state.seen for one in changed),
            total=len(all_dates),
            recent=_recent(all_dates, now),
            outcome=outcome,
            detail=detail,
        ),
        found=found,
    )


def is_backfill(state: FeedState, published: datetime, now: datetime) -> bool:
    """Return whether an unseen entry is old news to the feed itself."""
    last_read = state.last_success_at or now
    return published < last_read - BACKFILL_AGE


def _item(
    feed: Feed,
    state: FeedState,
    document: Document,
    found: Identified,
    content_hash: str,
    published: Published,
    publishers: Publishers,
    now: datetime,
) -> FeedItem:
    entry = found.entry
    known = found.story_id in state.seen
    return FeedItem(
        story_id=found.story_id,
        content_hash=content_hash,
        feed_id=feed.feed_id,
        publisher=feed.publisher,
        url=entry.link,
        canonical_url=found.canonical_url,
        guid=entry.guid,
        title=entry.title,
        summary=entry.summary,
        content=entry.content,
        authors=entry.authors,
        wire=publishers.wire(f"{entry.summary}\n{entry.content}", entry.authors),
        language=feed.language or (document.language or "")[:2].lower() or None,
        published_claimed=entry.claimed,
        published=published.at,
        published_confidence=published.confidence,
        fetched_at=now,
        backfill=not known and is_backfill(state, published.at, now),
    )


def _withdrawn(
    feed: Feed, state: FeedState, marks: Sequence[Withdrawn], present: set[str], now: datetime
) -> list[FeedItem]:
    """Return items for the stories that the feed says it took back, if they were ever seen here."""
    items = []
    for mark in marks:
        story_id = _story_of(mark.ref, state)
        if story_id and story_id not in present:
            items.append(
                FeedItem(
                    story_id=story_id,
                    content_hash=DELETED,
                    feed_id=feed.feed_id,
                    publisher=feed.publisher,
                    guid=mark.ref,
                    language=feed.language,
                    status="deleted",
                    published_claimed=mark.when,
                    published=placed(mark.when, now).at,
                    fetched_at=now,
                )
            )
    return items


def _story_of(ref: str, state: FeedState) -> str | None:
    """Return the known story that a tombstone names by guid or by address."""
    by_guid = state.guids.get(identity.guid_key(ref))
    if by_guid:
        return by_guid
    address = canonical(ref)
    ids = (identity.digest("url", address) if address else "", identity.digest("guid", state.feed_id, ref))
    return next((story_id for story_id in ids if story_id in state.seen), None)


def _verdict(document: Document, dates: Sequence[Published], sent: int) -> tuple[Outcome, str]:
    if not dates:
        return Outcome.EMPTY, "a feed without a single entry"
    undated = sum(date.confidence in {"missing", "clamped"} for date in dates)
    if undated * 2 > len(dates):
        return (
            Outcome.UNDATED,
            f"{undated} of {len(dates)} entries carry no usable date: time of fetching taken",
        )
    cut = f"; {document.entries_cut} more were left out" if document.entries_cut else ""
    return Outcome.OK, f"{sent} of {len(dates)} entries new or changed{cut}"


def _recent(dates: Sequence[Published], now: datetime) -> int | None:
    dated = [date.at for date in dates if date.confidence in {"claimed", "day"}]
    if len(dated) * 2 < len(dates) or not dated:
        return None
    return sum(now - at <= timedelta(days=1) for at in dated)
