"""Google-News sitemaps: title, address, date and language of the articles of the last two days.

A sitemap index is followed one level deep, to the one sitemap in it that is most likely the news.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit
from xml.parsers import expat

from ingest import clean
from ingest.dates import readable
from ingest.document import Document, Entry, ParseAnswer, Problem
from ingest.outcome import Outcome
from riftwatch.publishers import domain_of

MAX_URLS = 1_000  # what the format allows
MAX_CHILDREN, MAX_INDEX_BYTES = (
    1_000,
    1_000_000,
)  # an index of news is short; a longer one is looked at in part
_CHILD = re.compile(rb"<(?:\w{1,20}:)?sitemap>")
_NEWS = "schemas/sitemap-news/0.9"


def claims(body: bytes) -> bool:
    """Return whether a body is a sitemap."""
    return b"<urlset" in body[:4000]


def child_of(body: bytes, url: str) -> str | None:
    """Return the address that a sitemap index leads to: on its own domain, named for news if any is, the newest.

    None if the body is no index, or names none. Only a glance at the bytes: what is there is parsed in a process.
    """
    if b"<sitemapindex" not in body[:4000]:
        return None
    blocks = _CHILD.split(body[:MAX_INDEX_BYTES], MAX_CHILDREN)[1:]
    listed = [(_between(one, b"loc"), _between(one, b"lastmod")) for one in blocks]
    ours = [one for one in listed if clean.web_address(one[0]) and domain_of(one[0]) == domain_of(url)]
    return max(ours, key=lambda one: ("news" in urlsplit(one[0]).path.lower(), one[1]), default=(None, ""))[0]


def _between(block: bytes, tag: bytes) -> str:
    found = re.search(rb"<(?:\w{1,20}:)?%b>\s*([^<]{1,2000})" % tag, block)
    return clean.line_of(found[1].decode("utf-8", "replace"), clean.MAX_ID_CHARS) if found else ""


def parse(body: bytes) -> ParseAnswer:
    """Return the articles in a news sitemap, or why there is no news in it."""
    reader = _Reader()
    try:
        reader.read(body)
    except (expat.ExpatError, ValueError) as error:
        return _not_a_feed(f"a sitemap that is not well-formed ({clean.line_of(str(error), 100)})")
    if not reader.news:
        return _not_a_feed("a sitemap without news entries")
    return ParseAnswer(document=Document(entries=tuple(reader.entries[:MAX_URLS]), language=reader.language))


def _not_a_feed(detail: str) -> ParseAnswer:
    return ParseAnswer(problem=Problem(outcome=Outcome.NOT_A_FEED, detail=detail))


class _Reader:
    """Collects `url` elements; entity declarations are refused."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.language: str | None = None
        self.news = False
        self._fields: dict[str, str] = {}
        self._text: list[str] = []

    def read(self, body: bytes) -> None:
        """Read a body; raises ExpatError or ValueError."""
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.EntityDeclHandler = self._refuse
        parser.Parse(body, True)

    def _refuse(self, *_: object) -> None:
        raise ValueError("entity declaration")

    def _start(self, name: str, _: dict[str, str]) -> None:
        self._text.clear()
        if name.endswith(" url"):
            self._fields = {}

    def _end(self, name: str) -> None:
        space, _, tag = name.rpartition(" ")
        if _NEWS in space:
            self.news = True
            self._fields.setdefault(f"news:{tag}", "".join(self._text))
        elif tag == "loc":
            self._fields.setdefault(tag, "".join(self._text))
        elif tag == "url" and "news:title" in self._fields:
            self._finish()

    def _finish(self) -> None:
        field = self._fields.get
        self.language = self.language or clean.line_of(field("news:language", ""), 10) or None
        date = clean.line_of(field("news:publication_date", ""), clean.MAX_NAME_CHARS)
        self.entries.append(
            Entry(
                link=clean.web_address(field("loc", "")),
                title=clean.line_of(field("news:title", ""), clean.MAX_TITLE_CHARS),
                claimed=date or None,
                published=readable(date),
            )
        )
