"""A parsed document and the feed's memory to what is worth sending: new stories and changed ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest import titles, withdrawal
from ingest.dates import Published, placed
from ingest.document import Document
from ingest.feeds import Feed
from ingest.identity import Identified
from ingest.novelty import has_gap
from ingest.outcome import Outcome
from ingest.recall import Known
from ingest.schedule import Hints
from ingest.sighting import Sighting, sighted
from ingest.state import Harvest
from riftwatch.publishers import Publishers
from riftwatch.records import FeedItem, FeedState


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
    known: Mapping[int, Known] | None = None,
) -> Gathered:
    """Return the entries that are new or changed since the feed's last document, as items.

    `known` are entries of the document that were left out because their bytes are those of last time; raises
    EntangledError when the others cannot be understood without them.
    """
    seen = sighted(feed, state, document, publishers, now, known or {})
    items = [_item(feed, document, one, seen, publishers, now) for one in seen.changed]
    gone = withdrawal.withdrawn(feed, state, document.withdrawn, set(seen.hashes), now)
    taken_back = [item for item in gone if state.seen.get(item.story_id) != withdrawal.DELETED]
    every_date = [*seen.dates.values(), *(placed(one.published, now) for one in seen.known.values())]
    outcome, detail = _verdict(document, every_date, len(items))
    harvest = Harvest(
        title=document.title,
        hints=hints,
        body_hash=body_hash,
        seen=_hashes(seen, state) | {item.story_id: withdrawal.DELETED for item in gone},
        guids=_guids(seen),
        new=len(seen.unseen),
        news=seen.news,
        title_affixes=seen.affixes,
        guids_worth=seen.guids_worth,
        total=seen.total,
        recent=_recent(every_date, now),
        outcome=outcome,
        detail=detail + _gap(seen, state),
    )
    return Gathered((*items, *taken_back), harvest, seen.found)


def _hashes(seen: Sighting, state: FeedState) -> dict[str, str]:
    """Return story -> hash of its words, for every story of the document."""
    same = {one.story_id: state.seen[one.story_id] for one in seen.known.values()}
    return {**seen.hashes, **same}


def _guids(seen: Sighting) -> dict[str, str]:
    """Return guid -> story, for every guid of the document that can be trusted."""
    fresh = {one.guid_key: one.story_id for one in seen.found if one.guid_key}
    return fresh | {one.guid_key: one.story_id for one in seen.known.values()}


def _item(
    feed: Feed,
    document: Document,
    found: Identified,
    seen: Sighting,
    publishers: Publishers,
    now: datetime,
) -> FeedItem:
    entry, published = found.entry, seen.dates[found.story_id]
    return FeedItem(
        story_id=found.story_id,
        content_hash=seen.hashes[found.story_id],
        feed_id=feed.feed_id,
        publisher=feed.publisher,
        url=entry.link,
        canonical_url=found.canonical_url,
        guid=entry.guid,
        title=titles.stripped(entry.title, seen.affixes),
        summary=entry.summary,
        content=entry.content,
        authors=entry.authors,
        wire=publishers.wire(f"{entry.summary}\n{entry.content}", entry.authors, entry.categories),
        language=feed.language or (document.language or "")[:2].lower() or None,
        published_claimed=entry.claimed,
        published=published.at,
        published_confidence=published.confidence,
        fetched_at=now,
        backfill=found.story_id in seen.backfill,
    )


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


def _gap(seen: Sighting, state: FeedState) -> str:
    if not has_gap(state, len(seen.news), seen.total):
        return ""
    return "; none of the last document's entries was left, some may have been missed in between"


def _recent(dates: Sequence[Published], now: datetime) -> int | None:
    dated = [date.at for date in dates if date.confidence in {"claimed", "day"}]
    if len(dated) * 2 < len(dates) or not dated:
        return None
    return sum(now - at <= timedelta(days=1) for at in dated)
