"""Feed documents as newsrooms publish them: RSS 2.0 and Atom, with stable addresses.

Links and ids stand on the outlet's own invented host, never on the server's port: they are what a story's
identity is made of, and two runs must agree on it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from html import escape
from xml.etree import ElementTree as ET

from demo.corpus import Article, Edition, Outlet
from riftwatch.clock import iso

ATOM = "http://www.w3.org/2005/Atom"
TOMBSTONE = "http://purl.org/atompub/tombstones/1.0"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
_GERMAN: dict[int, str] = {ord("ä"): "ae", ord("ö"): "oe", ord("ü"): "ue", ord("ß"): "ss"}
ET.register_namespace("atom", ATOM)
ET.register_namespace("at", TOMBSTONE)
ET.register_namespace("dc", DUBLIN_CORE)


def render(outlet: Outlet, edition: Edition) -> bytes:
    """Return the outlet's document, the same bytes for the same edition."""
    root = _atom(outlet, edition) if outlet.format == "atom" else _rss(outlet, edition)
    text: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return text


def link(outlet: Outlet, article: Article) -> str:
    """Return the article's address; it keeps the words of its first title, as newsrooms do."""
    number = article.id.rpartition("-")[2]
    return f"{outlet.site}/{article.published:%Y/%m/%d}/{_slug(article.title)}-{number}"


def guid(outlet: Outlet, article: Article) -> str:
    """Return the article's id in the feed."""
    if outlet.format == "atom":
        return f"tag:{outlet.id}.example,{article.published:%Y}:{article.id}"
    return article.id


def content_type(outlet: Outlet) -> str:
    """Return the media type of the outlet's document."""
    return f"application/{outlet.format}+xml; charset=utf-8"


def _rss(outlet: Outlet, edition: Edition) -> ET.Element:
    root = ET.Element("rss", version="2.0")
    channel = ET.SubElement(root, "channel")
    head = [("title", outlet.title), ("link", outlet.site), ("description", outlet.title),
            ("language", f"{outlet.language}-{outlet.country}")]  # fmt: skip
    if edition.changed:
        head.append(("lastBuildDate", format_datetime(edition.changed, usegmt=True)))
    _texts(channel, head)
    for article in edition.articles:
        title, summary = article.words(edition.at)
        item = ET.SubElement(channel, "item")
        # A description is HTML inside XML: what is a letter in the text is escaped twice.
        _texts(item, [("title", title), ("link", link(outlet, article)), ("description", escape(summary, quote=False)),
                      ("pubDate", format_datetime(article.published, usegmt=True))])  # fmt: skip
        ET.SubElement(item, "guid", isPermaLink="false").text = guid(outlet, article)
        if article.author:
            ET.SubElement(item, f"{{{DUBLIN_CORE}}}creator").text = article.author
    return root


def _atom(outlet: Outlet, edition: Edition) -> ET.Element:
    root = ET.Element(_a("feed"), {"{http://www.w3.org/XML/1998/namespace}lang": outlet.language})
    changed = edition.changed or edition.at
    _texts(root, [(_a("title"), outlet.title), (_a("id"), f"tag:{outlet.id}.example,2020:feed"),
                  (_a("updated"), iso(changed))])  # fmt: skip
    ET.SubElement(root, _a("link"), href=outlet.site, rel="alternate")
    for article in edition.articles:
        _entry(ET.SubElement(root, _a("entry")), outlet, article, edition.at)
    for article in edition.withdrawn:
        assert article.deleted
        when = {"ref": guid(outlet, article), "when": iso(article.deleted)}
        ET.SubElement(root, f"{{{TOMBSTONE}}}deleted-entry", when)
    return root


def _entry(entry: ET.Element, outlet: Outlet, article: Article, at: datetime) -> None:
    title, summary = article.words(at)
    updated = max(change for change in article.changes() if change <= at)
    _texts(entry, [(_a("id"), guid(outlet, article)), (_a("title"), title), (_a("summary"), summary),
                   (_a("published"), iso(article.published)), (_a("updated"), iso(updated))])  # fmt: skip
    ET.SubElement(entry, _a("link"), href=link(outlet, article), rel="alternate")
    if article.author:
        ET.SubElement(ET.SubElement(entry, _a("author")), _a("name")).text = article.author


def _texts(parent: ET.Element, texts: Iterable[tuple[str, str]]) -> None:
    for name, text in texts:
        ET.SubElement(parent, name).text = text


def _a(name: str) -> str:
    return f"{{{ATOM}}}{name}"


def _slug(title: str) -> str:
    german = title.lower().translate(_GERMAN)
    plain = unicodedata.normalize("NFKD", german).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", plain)[:10]) or "article"
