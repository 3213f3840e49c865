"""JSON Feed 1.0 and 1.1, which feedparser does not read."""

from __future__ import annotations

from html import escape  # only content_html is markup; the rest is text as it stands
from typing import Any
from urllib.parse import urljoin

import msgspec
from msgspec import Struct

from ingest import clean
from ingest.dates import readable
from ingest.document import Document, Entry, ParseAnswer, Problem
from ingest.outcome import Outcome

_VERSION = "https://jsonfeed.org/version/"


class _Author(Struct):
    name: str | None = None


class _Item(Struct):
    id: str | int | float  # required; numbers are met in the wild
    url: str | None = None
    title: str | None = None
    summary: str | None = None
    content_html: str | None = None
    content_text: str | None = None
    date_published: str | None = None
    author: _Author | None = None
    authors: list[_Author] = []
    tags: list[Any] = []  # Any: what is no text there is left out


class _Feed(Struct):
    version: str
    title: str | None = None
    language: str | None = None
    items: list[Any] = []  # Any: each item is checked on its own, so that a bad one spoils no other


def claims(body: bytes, content_type: str) -> bool:
    """Return whether a body says that it is a JSON Feed."""
    named = content_type.split(";", maxsplit=1)[0].strip().lower() == "application/feed+json"
    start = body[:4000].removeprefix(b"\xef\xbb\xbf").lstrip()
    return start.startswith(b"{") and (named or b"jsonfeed.org" in start.replace(b"\\/", b"/"))


def parse(body: bytes, url: str) -> ParseAnswer:
    """Return the document, or why there is none. Items that are no items are left out."""
    try:
        feed = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"), type=_Feed)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _not_a_feed(clean.line_of(str(error), 120))
    if not feed.version.startswith(_VERSION):
        return _not_a_feed(f'version is "{feed.version[:60]}"')
    entries = (_entry(item, url) for item in feed.items[: clean.MAX_ENTRIES])
    return ParseAnswer(
        document=Document(
            title=clean.line_of(escape(feed.title or ""), clean.MAX_TITLE_CHARS),
            language=feed.language,
            entries=tuple(entry for entry in entries if entry),
            entries_cut=max(0, len(feed.items) - clean.MAX_ENTRIES),
        )
    )


def _entry(raw: object, base: str) -> Entry | None:
    try:
        item = msgspec.convert(raw, _Item)
    except msgspec.ValidationError:
        return None
    authors = item.authors or ([item.author] if item.author else [])
    names = (clean.line_of(author.name or "", clean.MAX_NAME_CHARS) for author in authors[:10])
    return Entry(
        guid=clean.line_of(str(item.id), clean.MAX_ID_CHARS),
        link=clean.web_address(urljoin(base, item.url)) if item.url else "",
        title=clean.line_of(escape(item.title or ""), clean.MAX_TITLE_CHARS),
        summary=clean.text_of(escape(item.summary or ""), clean.MAX_SUMMARY_CHARS),
        content=clean.text_of(item.content_html or escape(item.content_text or ""), clean.MAX_CONTENT_CHARS),
        authors=tuple(name for name in names if name),
        categories=tuple(clean.line_of(escape(tag), 100) for tag in item.tags[:20] if isinstance(tag, str)),
        claimed=clean.line_of(item.date_published or "", clean.MAX_NAME_CHARS) or None,
        published=readable(item.date_published or ""),
    )


def _not_a_feed(reason: str) -> ParseAnswer:
    return ParseAnswer(
        problem=Problem(outcome=Outcome.NOT_A_FEED, detail=f"JSON, but not a JSON Feed ({reason})")
    )
