"""Entries that a feed itself says it took back. Pure; what merely left a document was not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ingest import identity
from ingest.canonical import canonical
from ingest.dates import placed
from ingest.document import Withdrawn
from ingest.feeds import Feed
from riftwatch.records import FeedItem, FeedState

DELETED = "deleted"  # stands for the content hash of a withdrawn entry


def withdrawn(
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
