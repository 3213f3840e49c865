"""Whose turn it is: due feeds in an order that is fair to hosts. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from ingest.feeds import Feed
from riftwatch.publishers import domain_of


def fairly(feeds: Iterable[Feed]) -> Iterator[Feed]:
    """Yield feeds in turn by registrable domain, so that a large host cannot fill the queue."""
    by_domain: defaultdict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        by_domain[domain_of(feed.url)].append(feed)
    return (feed for row in zip_longest(*by_domain.values()) for feed in row if feed is not None)
