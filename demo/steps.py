"""The moments at which the replay stops the clock: pure arithmetic over the corpus."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

from demo.corpus import Article, Corpus

EVENING = time(22, 30, tzinfo=UTC)  # the corpus prints between 05:00 and 22:00
BEFORE = timedelta(minutes=2)  # a look at the words that are about to change


def steps(corpus: Corpus) -> list[datetime]:
    """Return the evenings of the days on which a feed changes, and the moments just before words change.

    Without the latter an edit of the same day would replace its original unseen. In order; every version of
    every article stands in its feed at one of them at least.
    """
    chosen = {_evening(change) for article in corpus.articles for change in article.changes()}
    for start, end in sorted(_versions(corpus.articles), key=lambda version: version[1]):
        if not any(start <= moment < end for moment in chosen):
            chosen.add(max(start, end - BEFORE))
    return sorted(chosen)


def _versions(articles: Iterable[Article]) -> Iterable[tuple[datetime, datetime]]:
    """Yield from when to when each version stood that another one, or nothing, replaced."""
    for article in articles:
        changes = article.changes()
        yield from pairwise(changes)


def _evening(moment: datetime) -> datetime:
    return datetime.combine(moment.astimezone(UTC).date(), EVENING)
