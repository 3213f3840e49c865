"""What a plain feed may hold: letters, elements, what may stand in what, attributes; and feedparser's names for them.

Nothing is read here; quick.py does that, and steps back from whatever is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]*\bencoding\s*=\s*[\"']([^\"']*)")
_PREFIXES = {
    "http://www.w3.org/2005/atom": "atom:",
    "http://purl.org/dc/elements/1.1/": "dc:",
    "http://purl.org/rss/1.0/modules/content/": "content:",
    "http://purl.org/rss/1.0/modules/syndication/": "sy:",
    "http://purl.org/rss/1.0/modules/slash/": "slash:",
    "http://wellformedweb.org/commentapi/": "wfw:",
    "http://search.yahoo.com/mrss/": "media:",
    "http://search.yahoo.com/mrss": "media:",
}
_MEDIA = frozenset({"media:content", "media:thumbnail", "media:credit", "media:copyright"})
_PERSON = frozenset({"atom:name", "atom:email", "atom:uri"})
# What may stand in what without changing anything that we ask for.
IDLE: dict[str, frozenset[str]] = {
    "channel": frozenset({
        "link", "description", "pubdate", "lastbuilddate", "generator", "copyright", "managingeditor",
        "webmaster", "docs", "category", "image", "atom:link", "sy:updatebase",
    }),
    "image": frozenset({"title", "url", "link", "width", "height", "description"}),
    "item": _MEDIA | {"comments", "enclosure", "source", "slash:comments", "wfw:commentrss"},
    "atom:feed": frozenset({
        "atom:id", "atom:link", "atom:updated", "atom:subtitle", "atom:generator", "atom:icon", "atom:logo",
        "atom:rights", "atom:category", "atom:author", "atom:contributor",
    }),
    "atom:entry": _MEDIA | {"atom:rights", "atom:contributor"},
    "atom:author": _PERSON,
    "atom:contributor": _PERSON,
    "media:content": _MEDIA,
}  # fmt: skip
INSIDE = {"": {"rss", "atom:feed"}, "rss": {"channel"}, "channel": {"item"}, "atom:feed": {"atom:entry"}}
# Elements whose text is wanted, and feedparser's name for it.
WANTED: dict[str, dict[str, str]] = {
    "channel": {
        "title": "title", "language": "language", "ttl": "ttl", "sy:updateperiod": "sy_updateperiod",
        "sy:updatefrequency": "sy_updatefrequency",
    },
    "item": {
        "title": "title", "link": "link", "description": "summary", "content:encoded": "content", "guid": "id",
        "pubdate": "published", "dc:date": "updated", "dc:creator": "author", "author": "author",
        "category": "category",
    },
    "atom:feed": {"atom:title": "title"},
    "atom:entry": {
        "atom:title": "title", "atom:id": "id", "atom:summary": "summary", "atom:content": "content",
        "atom:published": "published", "atom:updated": "updated", "atom:link": "link", "atom:category": "category",
        "atom:author": "person",
    },
}  # fmt: skip
OFTEN = frozenset({"author", "person", "category", "link"})
_TEXT_TYPES = frozenset({"text", "html", "text/plain", "text/html"})
_LINK = frozenset({"rel", "type", "href", "hreflang", "title", "length"})


class NotPlainError(Exception):
    """Something that no plain feed holds."""


def is_plain(body: bytes, content_type: str) -> bool:
    """Return whether a document is in UTF-8, by all that it says of itself, and defines no names of its own."""
    return _is_utf8(body, content_type) and b"<!DOCTYPE" not in body and b"<!ENTITY" not in body


def named(full: str) -> str:
    """Return the short name of an element that expat calls "NAMESPACE NAME"; raises NotPlainError."""
    uri, _, local = full.rpartition(" ")
    prefix = _PREFIXES.get(uri.lower()) if uri else ""
    if prefix is None:
        raise NotPlainError
    return prefix + local.lower()


def known_attributes(parent: str, wanted: str, attributes: Mapping[str, str]) -> bool:
    """Return whether an element that is wanted says no more about itself than we understand."""
    if wanted == "id" and parent == "item":
        return set(attributes) <= {"isPermaLink"}
    if wanted == "category":
        return set(attributes) <= ({"domain"} if parent == "item" else {"term", "scheme", "label"})
    if wanted == "link" and parent == "atom:entry":
        return "href" in attributes and set(attributes) <= _LINK
    if wanted in {"title", "summary", "content"} and parent in {"atom:feed", "atom:entry"}:
        return not attributes or (set(attributes) == {"type"} and attributes["type"].lower() in _TEXT_TYPES)
    return not attributes


def as_meant(text: str) -> str:
    """Return the text, unless feedparser would mend its letters: then raises NotPlainError."""
    if text.isascii():
        return text
    if any("\x80" <= letter <= "\x9f" for letter in text):
        raise NotPlainError
    try:
        text.encode("iso-8859-1").decode("utf-8")
    except UnicodeError:
        return text
    raise NotPlainError


def _is_utf8(body: bytes, content_type: str) -> bool:
    told, declared = _CHARSET.search(content_type), _DECLARED.match(body)
    charsets = {
        told[1].lower() if told else "utf-8",
        declared[1].decode("latin-1").lower() if declared else "utf-8",
    }
    return charsets == {"utf-8"} and body[:1] == b"<"
