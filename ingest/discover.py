"""The feeds that a web page announces. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin

from ingest import clean

MAX_PAGE_CHARS = 1_000_000
_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")


@dataclass(frozen=True, slots=True)
class Announced:
    """A feed that a page links to."""

    url: str
    title: str


def announced(page: bytes, base: str) -> list[Announced]:
    """Return the feeds in a page's head, in order, comment feeds left out."""
    reader = _Links(base)
    reader.feed(page.decode("utf-8", "replace")[:MAX_PAGE_CHARS])
    unique = {one.url: one for one in reversed(reader.found) if "comment" not in one.url.lower()}
    return list(reversed(unique.values()))


class _Links(HTMLParser):
    def __init__(self, base: str) -> None:
        super().__init__()
        self.found: list[Announced] = []
        self._base = base

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a link of a feed's type."""
        given = {name: value or "" for name, value in attrs}
        if tag == "base" and given.get("href"):
            self._base = urljoin(self._base, given["href"])
        kinds = given.get("rel", "").lower().split()
        if tag == "link" and "alternate" in kinds and given.get("type", "").lower() in _TYPES:
            url = clean.web_address(urljoin(self._base, given.get("href", "")))
            if url:
                self.found.append(Announced(url, clean.line_of(given.get("title", ""), 100)))
