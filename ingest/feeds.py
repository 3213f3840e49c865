"""The feed catalogue, config/feeds.opml: read strictly, written with every unknown attribute kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree as ET
from xml.parsers import expat

from ingest.canonical import canonical
from riftwatch.errors import ConfigError
from riftwatch.publishers import Publishers, host_of, slug

MAX_CATALOGUE_BYTES = 20_000_000  # 10,000 feeds are about 3 MB
_OURS = ("feedId", "text", "title", "xmlUrl", "publisher", "language", "country", "category", "priority",
         "stays", "fullText", "lastVerified", "type")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One feed of the catalogue."""

    feed_id: str
    url: str
    title: str = ""
    publisher: str = ""  # family id
    language: str | None = None
    country: str = ""
    category: str = ""
    priority: bool = False  # polled as often as the settings allow
    stays: bool = False  # permanent redirects are followed, but never taken over
    full_text: bool = False  # the page of each new article is fetched for its text
    last_verified: str = "never"
    line: int = 0
    extra: Mapping[str, str] = field(default_factory=dict)  # attributes of other programs


def load(path: Path, publishers: Publishers) -> list[Feed]:
    """Read a catalogue; raises ConfigError with file and line for what a person must mend."""
    return read(_bytes_of(path), publishers, path)


def read(data: bytes, publishers: Publishers, source: object = "input") -> list[Feed]:
    """Read a catalogue from bytes; as `load`."""
    feeds = [_feed(line, attributes, publishers, source) for line, attributes in _outlines(data, source)]
    _refuse_doubles(feeds, source)
    return feeds


def write(feeds: Sequence[Feed]) -> bytes:
    """Return the feeds as OPML, grouped by category, a line a feed."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = "Feeds polled by Riftwatch"
    body = ET.SubElement(root, "body")
    groups: dict[str, ET.Element] = {}
    for feed in feeds:
        group = groups.get(feed.category)
        if group is None:
            group = groups[feed.category] = (
                ET.SubElement(body, "outline", text=feed.category) if feed.category else body
            )
        ET.SubElement(group, "outline", attributes(feed))
    declare(root)
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text + b"\n"


def declare(root: ET.Element) -> None:
    """Declare the prefixes of attributes that came without their declaration, or nobody else could read the file."""
    names = [key for element in root.iter() for key in element.attrib]
    for prefix in {key.partition(":")[0] for key in names if ":" in key} - {"xmlns", "xml"}:
        if f"xmlns:{prefix}" not in names:
            root.set(f"xmlns:{prefix}", f"urn:opml:{prefix}")


def feed_id_of(url: str) -> str:
    """Return the id of a feed that names none: its host and a hash of its address."""
    digest = hashlib.sha256((canonical(url) or url).encode("utf-8", "replace")).hexdigest()[:8]
    return f"{slug(host_of(url).removeprefix('www.'))}-{digest}"


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_CATALOGUE_BYTES:
            raise ConfigError(f"is larger than {MAX_CATALOGUE_BYTES} bytes, which is no feed catalogue", path)
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot be read ({error.strerror})", path) from error


def _outlines(data: bytes, source: object) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line and attributes of every outline with an address; categories are inherited."""
    found: list[tuple[int, dict[str, str]]] = []
    groups: list[str] = []
    roots: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        roots.append(name)
        if name == "outline":
            if any(key.lower() == "xmlurl" for key in attributes):
                found.append((parser.CurrentLineNumber, _inherit(attributes, groups)))
            groups.append(attributes.get("text", ""))

    def end(name: str) -> None:
        if name == "outline":
            groups.pop()

    def refuse(*_: object) -> None:
        raise ConfigError("holds an entity declaration; remove it", source, parser.CurrentLineNumber)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        message = f"is not well-formed XML: {expat.ErrorString(error.code)}; mend this line"
        raise ConfigError(message, source, error.lineno) from error
    if roots[:1] != ["opml"]:
        raise ConfigError(f"is not OPML: its root is <{roots[0]}>, not <opml>", source, 1)
    return iter(found)


def _inherit(attributes: dict[str, str], groups: list[str]) -> dict[str, str]:
    named = {"xmlUrl" if key.lower() == "xmlurl" else key: value for key, value in attributes.items()}
    group = next((text for text in reversed(groups) if text), "")
    return {"category": group, **named}


def _feed(line: int, found: dict[str, str], publishers: Publishers, source: object) -> Feed:
    url = found["xmlUrl"].strip()
    if not url.lower().startswith(("http://", "https://")) or not _has_host(url):
        raise ConfigError(f'xmlUrl must be an http or https address, not "{url[:200]}"', source, line)
    return Feed(
        feed_id=found.get("feedId") or feed_id_of(url),
        url=url,
        title=found.get("title") or found.get("text", ""),
        publisher=publishers.family(found.get("publisher") or url),
        language=(found.get("language") or "")[:2].lower() or None,
        country=found.get("country", ""),
        category=found["category"].strip("/").split(",")[0],
        priority=found.get("priority", "").lower() in {"high", "true", "1"},
        stays=found.get("stays", "").lower() in {"true", "yes", "1"},
        full_text=found.get("fullText", "").lower() in {"true", "yes", "1"},
        last_verified=found.get("lastVerified", "never"),
        line=line,
        extra={key: value for key, value in found.items() if key not in _OURS},
    )


def _has_host(url: str) -> bool:
    return bool(host_of(url))


def attributes(feed: Feed) -> dict[str, str]:
    """Return a feed as the attributes of an outline; what is empty is left out."""
    ours = {
        "type": "rss",
        "feedId": feed.feed_id,
        "text": feed.title,
        "xmlUrl": feed.url,
        "publisher": feed.publisher,
        "language": feed.language or "",
        "country": feed.country,
        "priority": "high" if feed.priority else "",
        "stays": "true" if feed.stays else "",
        "fullText": "yes" if feed.full_text else "",
        "lastVerified": feed.last_verified,
    }
    return {key: value for key, value in ours.items() if value} | dict(feed.extra)


def _refuse_doubles(feeds: Sequence[Feed], source: object) -> None:
    lines: dict[str, int] = {}
    for feed in feeds:
        for key in (feed.feed_id, feed.url):
            other = lines.setdefault(key, feed.line)
            if other != feed.line:
                message = f'"{key}" stands on line {other} already: keep one of the two'
                raise ConfigError(message, source, feed.line)
