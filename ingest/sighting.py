"""A document beside what is remembered of its feed: which stories it holds, and which of them are new. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from msgspec.structs import replace

from ingest import guids, identity, titles
from ingest.dates import Published, placed
from ingest.document import Document
from ingest.feeds import Feed
from ingest.guids import Worth
from ingest.identity import Identified
from ingest.novelty import is_backfill, is_flood
from ingest.recall import Known, refuse_entangled
from riftwatch.publishers import Publishers, host_of
from riftwatch.records import FeedState


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """The stories of one document, as the feed's memory lets them be seen."""

    found: Sequence[Identified]
    known: Mapping[int, Known]  # left out of the document, as their bytes are those of last time
    changed: Sequence[Identified]  # those of `found` whose words are new to us
    unseen: Sequence[Identified]  # those of `changed` that were not seen before
    backfill: frozenset[str]  # the stories of `unseen` that are old news
    dates: Mapping[str, Published]  # of the stories of `found`
    hashes: Mapping[str, str]  # of their words
    affixes: tuple[str, ...]  # what the feed adds to its titles
    guids_worth: Worth

    @property
    def total(self) -> int:
        """How many stories the document holds."""
        return len(self.found) + len(self.known)

    @property
    def news(self) -> list[datetime]:
        """When the unseen stories that are no old news were published."""
        return [self.dates[one.story_id].at for one in self.unseen if one.story_id not in self.backfill]


def sighted(
    feed: Feed,
    state: FeedState,
    document: Document,
    publishers: Publishers,
    now: datetime,
    known: Mapping[int, Known],
) -> Sighting:
    """Return the stories of a document; raises EntangledError when those of `known` cannot be left out.

    A story is backfill when it is new to us but dated a day before we last read the feed: a first poll, an
    archive dump, a change of all guids. A revision never is.
    """
    affixes = _affixes(feed, state, document, publishers)
    found, worth = _trusted(feed, state, document, affixes, len(known), now)
    if known:
        refuse_entangled(found, len(document.entries), known)
    dates = {one.story_id: placed(one.entry.published, now) for one in found}
    changed = [one for one in found if _is_changed(one, state, affixes)]
    unseen = [one for one in changed if one.story_id not in state.seen]
    flood = is_flood(state, len(unseen), len(found) + len(known), now)
    old = (one.story_id for one in unseen if flood or is_backfill(state, dates[one.story_id], now))
    return Sighting(
        found=found,
        known=known,
        changed=changed,
        unseen=unseen,
        backfill=frozenset(old),
        dates=dates,
        hashes={one.story_id: _hash(one, affixes) for one in found},
        affixes=affixes,
        guids_worth=worth,
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
