"""Bytes of a feed to a Document. Pure, and run in a worker process: bodies are hostile (see worker.py)."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any

import feedparser
from feedparser.mixin import _FeedParserMixin

from ingest import clean, jsonfeed, quick, sitemap
from ingest.clean import (
    MAX_CONTENT_CHARS,
    MAX_ENTRIES,
    MAX_ID_CHARS,
    MAX_NAME_CHARS,
    MAX_SUMMARY_CHARS,
    MAX_TITLE_CHARS,
)
from ingest.dates import readable
from ingest.document import Document, Entry, ParseAnswer, ParseRequest, Problem, Withdrawn
from ingest.outcome import Outcome

_TOMBSTONES = b"purl.org/atompub/tombstones"
_DELETED = re.compile(r"<(?:\w+:)?deleted-entry\b([^>]*)>")
_REFERENCE = re.compile(rb"&#(?:[xX]([0-9a-fA-F]{4,})|(\d{5,}))")
_WALLS = re.compile(
    r"just a moment|captcha|challenge|attention required|access denied|are you (?:a )?(?:human|robot)|"
    r"consent|zustimmung|einwilligung|log ?in|sign ?in|anmelden|cookies?",
    re.IGNORECASE,
)
# A guid is a name: resolved like an address, all of a feed's guids would change with a redirect.
_FeedParserMixin.can_be_relative_uri = _FeedParserMixin.can_be_relative_uri - {"id"}
Found = Mapping[str, Any]  # Any: feedparser's dictionaries are untyped


def parse(request: ParseRequest) -> ParseAnswer:
    """Return the document in a body, or the reason why there is none."""
    if jsonfeed.claims(request.body, request.content_type):
        return jsonfeed.parse(request.body, request.url)
    if sitemap.claims(request.body):
        return sitemap.parse(request.body)
    return _parse_xml(request)


def _parse_xml(request: ParseRequest) -> ParseAnswer:
    body, left_out = shortened(_REFERENCE.sub(_possible, request.body))
    found = quick.read(body, request.url, request.content_type) or by_feedparser(body, request)
    entries = found["entries"]
    if not entries and not found.get("version"):
        return ParseAnswer(problem=_no_feed(request.body, found))
    feed: Found = found["feed"]
    return ParseAnswer(
        document=Document(
            title=clean.line_of(_text(feed, "title"), MAX_TITLE_CHARS),
            language=_text(feed, "language")[:35] or None,
            entries=tuple(_entry(entry) for entry in entries[:MAX_ENTRIES]),
            withdrawn=_withdrawn(request.body, str(found.get("encoding") or "utf-8")),
            entries_cut=left_out + max(0, len(entries) - MAX_ENTRIES),
            ttl_minutes=_ttl(feed),
        )
    )


def _possible(reference: re.Match[bytes]) -> bytes:
    """Return a character reference as it is, or the replacement character's for one that no character has.

    feedparser fails on such a reference, and with it the whole feed.
    """
    digits, base = (reference[1], 16) if reference[1] else (reference[2], 10)
    code = int(digits, base) if len(digits) < 10 else 0x110000
    return b"&#xFFFD" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else reference[0]


def by_feedparser(body: bytes, request: ParseRequest) -> Found:
    """Return what feedparser makes of a body."""
    # BytesIO: given bytes or text, feedparser would open a file or an address of that name.
    found: Found = feedparser.parse(
        io.BytesIO(body),
        response_headers={"content-type": request.content_type, "content-location": request.url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    return found


def shortened(body: bytes) -> tuple[bytes, int]:
    """Return the document without the entries beyond the limit, and how many those were.

    Parsing 50,000 entries takes half a minute to throw all but 300 away.
    """
    for end in (b"</item>", b"</entry>"):
        total = body.count(end)
        if total > MAX_ENTRIES:
            head = end.join(body.split(end, MAX_ENTRIES)[:MAX_ENTRIES]) + end
            return head + body[body.rindex(end) + len(end) :], total - MAX_ENTRIES
    return body, 0


def _entry(found: Found) -> Entry:
    content = max((_text(part, "value") for part in found.get("content") or ()), key=len, default="")
    summary = _text(found, "summary")
    stated = set(found)  # asked for a missing "updated", feedparser gives "published" and a warning
    dates = (name for name in ("published", "updated", "created") if name in stated and _text(found, name))
    named = next(dates, "published")
    claimed = _text(found, named)
    return Entry(
        guid=clean.line_of(_text(found, "id"), MAX_ID_CHARS),
        link=clean.web_address(_text(found, "link")),
        title=clean.line_of(_text(found, "title"), MAX_TITLE_CHARS),
        # Without a summary of its own feedparser repeats the content there.
        summary=clean.text_of(summary if summary != content else "", MAX_SUMMARY_CHARS),
        content=clean.text_of(content, MAX_CONTENT_CHARS),
        authors=_authors(found),
        categories=_categories(found),
        claimed=clean.line_of(claimed, 100) or None,
        published=readable(claimed, found.get(f"{named}_parsed") if claimed else None),
    )


def _authors(found: Found) -> tuple[str, ...]:
    listed = [_text(author, "name") for author in found.get("authors") or ()] or [_text(found, "author")]
    names = (clean.line_of(name, MAX_NAME_CHARS) for name in listed[:10])
    return tuple(dict.fromkeys(name for name in names if name))


def _categories(found: Found) -> tuple[str, ...]:
    terms = (clean.line_of(_text(tag, "term"), MAX_NAME_CHARS) for tag in (found.get("tags") or ())[:20])
    return tuple(dict.fromkeys(term for term in terms if term))


def _withdrawn(body: bytes, encoding: str) -> tuple[Withdrawn, ...]:
    if _TOMBSTONES not in body:
        return ()
    try:
        text = body.decode(encoding, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    marks = (match[1] for match in _DELETED.finditer(text))
    found = (Withdrawn(ref=_attribute(mark, "ref"), when=_attribute(mark, "when") or None) for mark in marks)
    return tuple(mark for mark in found if mark.ref)[:MAX_ENTRIES]


def _attribute(mark: str, name: str) -> str:
    match = re.search(rf"""\b{name}\s*=\s*(?:"([^"]*)"|'([^']*)')""", mark)
    return clean.line_of(match[1] or match[2] or "", MAX_ID_CHARS) if match else ""


def _ttl(feed: Found) -> float | None:
    """Return minutes from <ttl> or sy:updatePeriod."""
    ttl = _text(feed, "ttl")
    if re.fullmatch(r"\d{1,6}", ttl):
        return float(ttl)
    period = {"hourly": 60, "daily": 1440, "weekly": 10080, "monthly": 43200, "yearly": 525600}.get(
        _text(feed, "sy_updateperiod").strip().lower()
    )
    times = _text(feed, "sy_updatefrequency").strip()
    often = int(times) if re.fullmatch(r"[1-9]\d{0,3}", times) else 1
    return period / often if period else None


def _no_feed(body: bytes, found: Found) -> Problem:
    head = body[:100_000].decode("utf-8", "replace")
    title = re.search(r"<title[^>]*>([^<]{0,300})", head, re.IGNORECASE)
    named = clean.line_of(title[1], 80) if title else ""
    if not body.strip():
        return Problem(outcome=Outcome.EMPTY, detail="the answer is empty: not a single byte of a feed")
    if re.search(r"<(?:!doctype )?html", head[:2000], re.IGNORECASE):
        wall = _WALLS.search(named) or "cf-challenge" in head or "captcha" in head.lower()
        if wall:
            return Problem(
                outcome=Outcome.CHALLENGE, detail=f'a page for people instead of the feed: "{named}"'
            )
        return Problem(outcome=Outcome.NOT_A_FEED, detail=f'a web page, not a feed: "{named}"')
    reason = clean.line_of(str(found.get("bozo_exception") or "no feed element"), 120)
    return Problem(outcome=Outcome.NOT_A_FEED, detail=f"neither RSS, Atom, JSON Feed nor sitemap ({reason})")


def _text(found: Found, key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""
