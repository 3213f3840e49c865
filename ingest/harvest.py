"""A parsed document and the feed's memory to what is worth sending: new stories and changed ones. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from msgspec.structs import replace

from ingest import guids, identity, titles, withdrawal
from ingest.dates import Published, placed
from ingest.document import Document
from ingest.feeds import Feed
from ingest.guids import Worth
from ingest.identity import Identified
from ingest.novelty import has_gap, is_backfill, is_flood
from ingest.outcome import Outcome
from ingest.recall import Known, refuse_entangled
from ingest.schedule import Hints
from ingest.state import Harvest
from riftwatch.publishers import Publishers, host_of
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

    An entry is backfill when it is new to us but dated a day before we last read the feed: a first poll, an
    archive dump, a change of all guids. A revision never is.
    """
    known = known or {}
    affixes = _affixes(feed, state, document, publishers)
    found, worth = _trusted(feed, state, document, affixes, len(known), now)
    if known:
        refuse_entangled(found, len(document.entries), known)
    hashes = {one.story_id: _hash(one, affixes) for one in found}
    dates = {one.story_id: placed(one.entry.published, now) for one in found}
    changed = [one for one in found if _is_changed(one, state, affixes)]
    unseen = [dates[one.story_id] for one in changed if one.story_id not in state.seen]
    flood = is_flood(state, len(unseen), len(found) + len(known), now)
    items = [
        replace(
            _item(feed, document, one, dates[one.story_id], publishers, now),
            title=titles.stripped(one.entry.title, affixes),
            content_hash=hashes[one.story_id],
            backfill=one.story_id not in state.seen
            and (flood or is_backfill(state, dates[one.story_id], now)),
        )
        for one in changed
    ]
    news = [] if flood else [one.at for one in unseen if not is_backfill(state, one, now)]
    same = {one.story_id: state.seen[one.story_id] for one in known.values()}
    gone = withdrawal.withdrawn(feed, state, document.withdrawn, set(hashes), now)
    taken_back = [item for item in gone if state.seen.get(item.story_id) != withdrawal.DELETED]
    all_dates = [*dates.values(), *(placed(one.published, now) for one in known.values())]
    outcome, detail = _verdict(document, all_dates, len(items))
    if has_gap(state, len(news), len(all_dates)):
        detail += "; none of the last document's entries was left, some may have been missed in between"
    return Gathered(
        items=(*items, *taken_back),
        harvest=Harvest(
            title=document.title,
            hints=hints,
            body_hash=body_hash,
            seen=hashes | same | {item.story_id: withdrawal.DELETED for item in gone},
            guids={one.guid_key: one.story_id for one in found if one.guid_key}
            | {one.guid_key: one.story_id for one in known.values()},
            new=len(unseen),
            news=news,
            title_affixes=affixes,
            guids_worth=worth,
            total=len(all_dates),
            recent=_recent(all_dates, now),
            outcome=outcome,
            detail=detail,
        ),
        found=found,
    )


def _affixes(feed: Feed, state: FeedState, document: Document, publishers: Publishers) -> tuple[str, ...]:
    """Return what this feed adds to its titles, as far as it names the outlet."""
    outlet = (feed.title, document.title, feed.publisher, publishers.title(feed.publisher), host_of(feed.url))
    return titles.learnt((entry.title for entry in document.entries), outlet, state.title_affixes)


def _trusted(
    feed: Feed, state: FeedState, document: Document, affixes: tuple[str, ...], known: int, now: datetime
) -> tuple[Sequence[Identified], Worth]:
    """Return the stories of a document, by guid only as long as the feed's guids are worth it."""
    worth = Worth(state.guid_moves, state.guid_news, state.guids_off_until)
    identified = partial(identity.identify, feed.feed_id, feed.url, document.entries, state.guids)
    if not worth.holds(now):
        return identified(trust=False), worth
    found = identified()
    changed = [one for one in found if _is_changed(one, state, affixes)]
    moves = sum(one.moved for one in changed)
    news = sum(one.story_id not in state.seen for one in changed) if state.guids else 0
    worth = guids.observed(worth, moves, news, len(found) + known, now)
    return (found if worth.holds(now) else identified(trust=False)), worth


def _hash(found: Identified, affixes: Sequence[str]) -> str:
    entry = found.entry
    plain = titles.stripped(entry.title, affixes)
    return identity.content_hash(entry if plain == entry.title else replace(entry, title=plain))


def _is_changed(found: Identified, state: FeedState, affixes: Sequence[str]) -> bool:
    """Return whether the words are new to us; an affix that was learnt meanwhile is no edit."""
    seen = state.seen.get(found.story_id)
    return seen not in {_hash(found, affixes), identity.content_hash(found.entry)}


def _item(
    feed: Feed,
    document: Document,
    found: Identified,
    published: Published,
    publishers: Publishers,
    now: datetime,
) -> FeedItem:
    entry = found.entry
    return FeedItem(
        story_id=found.story_id,
        content_hash="",
        feed_id=feed.feed_id,
        publisher=feed.publisher,
        url=entry.link,
        canonical_url=found.canonical_url,
        guid=entry.guid,
        title=entry.title,
        summary=entry.summary,
        content=entry.content,
        authors=entry.authors,
        wire=publishers.wire(f"{entry.summary}\n{entry.content}", entry.authors, entry.categories),
        language=feed.language or (document.language or "")[:2].lower() or None,
        published_claimed=entry.claimed,
        published=published.at,
        published_confidence=published.confidence,
        fetched_at=now,
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


def _recent(dates: Sequence[Published], now: datetime) -> int | None:
    dated = [date.at for date in dates if date.confidence in {"claimed", "day"}]
    if len(dated) * 2 < len(dates) or not dated:
        return None
    return sum(now - at <= timedelta(days=1) for at in dated)
