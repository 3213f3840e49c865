"""Feeds, entries and states as tests need them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any  # Any: keyword values of several types

from ingest.document import Document, Entry
from ingest.feeds import Feed
from ingest.fetch import Response
from riftwatch.publishers import Publishers, Wire

NOW = datetime(2025, 1, 22, 14, tzinfo=UTC)
URL = "https://feeds.news.example/rss"
FEED = Feed(feed_id="alpha", url=URL, title="Alpha", publisher="alpha-group", language="en")
PUBLISHERS = Publishers(
    (), (Wire(id="npa", title="Nord-Presse-Agentur", credits=("npa",), categories=("npa",)),)
)


def entry(title: str, **given: Any) -> Entry:
    """An entry of this morning with its own address and guid."""
    name = title.lower().replace(" ", "-")
    values: dict[str, Any] = {
        "guid": f"guid-{name}", "link": f"https://news.example/{name}", "summary": f"{title} in a sentence.",
        "claimed": "2025-01-22T10:00:00Z", "published": "2025-01-22T10:00:00Z",
    }  # fmt: skip
    return Entry(title=title, **(values | given))


def document(*titles: str) -> Document:
    return Document(title="Alpha News", entries=tuple(map(entry, titles)))


def response(body: bytes = b"", status: int = 200, **given: Any) -> Response:
    return Response(status=status, url=URL, body=body, content_type="application/rss+xml", **given)
