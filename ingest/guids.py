"""What a feed's guids are worth, learnt over many documents. Pure.

Some feeds number their entries by place or use numbers again after a while: then a known guid comes with
another address and other words, and would make the new article a revision of an old one. A few of those are
headline edits that changed the address; many in one document, or a quarter of all that comes, are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from ingest.identity import BAD_GUID_SHARE

LEAST = 3  # below it is chance
BAD_SHARE = 0.25  # of what came lately under a new address; edits of slugs are a few in a hundred
REMEMBERED = 200.0  # entries after which both counts are halved
OFF_FOR = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Worth:
    """Entries that came lately with a known guid and another address, those with a new guid, and the verdict."""

    moves: float = 0.0
    news: float = 0.0
    off_until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """Return whether the feed's guids may be trusted."""
        return self.off_until is None or now >= self.off_until


UNTRIED = Worth()


def observed(worth: Worth, moves: int, news: int, total: int, now: datetime) -> Worth:
    """Return the worth after a document of `total` entries, of which so many moved and so many are new."""
    if not moves and not news:
        return worth
    fade = 0.5 if worth.moves + worth.news > REMEMBERED else 1.0
    seen = Worth(worth.moves * fade + moves, worth.news * fade + news, worth.off_until)
    at_once = moves >= LEAST and moves > BAD_GUID_SHARE * total
    lately = seen.moves >= LEAST and seen.moves > BAD_SHARE * (seen.moves + seen.news)
    return Worth(0.0, 0.0, now + OFF_FOR) if at_once or lately else seen
