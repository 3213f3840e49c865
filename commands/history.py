"""Reads the JSON Lines that `backtest` plays: stories to analyse, or readings to test detection alone.

A bad line becomes a BadLine and never stops the others.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from riftwatch.clock import parse_time
from riftwatch.publishers import Publishers
from riftwatch.records import FeedItem, Reading

NOBODY = "unknown"  # the house of stories that name neither publisher nor address
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SUBJECT = re.compile(r"tone:[^|\s]+|relation:[^|\s]+\|[^|\s]+")
_ID = re.compile(rb'"(?:id|story_id)"\s*:\s*("(?:[^"\\]|\\.)*"|\d+)')


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that could not be used, and why; `id` is what it calls itself, if it does."""

    id: str | int | None
    error: str


class StoryLine(msgspec.Struct, frozen=True):
    """A story of the input; keys that are not named here are ignored."""

    id: str | int
    published: str
    title: str | None = None
    summary: str | None = None
    content: str | None = None
    language: str | None = None
    publisher: str | None = None
    url: str | None = None


class ReadingLine(msgspec.Struct, frozen=True):
    """A reading of the input; keys that are not named here are ignored."""

    subject: str
    story_id: str | int
    score: float
    published: str
    publisher: str
    language: str = "und"


L = TypeVar("L", StoryLine, ReadingLine)


def lines(raw: Iterable[bytes], kind: type[L]) -> Iterator[L | BadLine]:
    """Yield each line of the input that is not blank, or why it is bad."""
    for number, line in enumerate(raw, 1):
        if not line.strip():
            continue
        try:
            yield msgspec.json.decode(line, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            found = _ID.search(line)
            yield BadLine(_name(found[1]) if found else None, f"line {number}: {error}")


def _name(quoted: bytes) -> str | int:
    try:
        return msgspec.json.decode(quoted, type=str | int)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return quoted.decode("utf-8", "replace")


def item_of(line: StoryLine, publishers: Publishers) -> FeedItem | BadLine:
    """Return the item that a feed would have brought at its time of publication."""
    texts = [text or "" for text in (line.title, line.summary, line.content)]
    if not any(text.strip() for text in texts):
        return BadLine(line.id, "has neither title nor summary nor content")
    published = _time(line.published)
    if published is None:
        return BadLine(line.id, f"published must be a date or an ISO 8601 time, not {line.published!r}")
    outlet = line.publisher or line.url
    title, summary, content = texts
    return FeedItem(
        story_id=str(line.id),
        content_hash=hashlib.sha256("\n".join(texts).encode("utf-8", "replace")).hexdigest()[:16],
        feed_id="backtest",
        publisher=publishers.family(outlet) if outlet else NOBODY,
        url=line.url or "",
        title=title,
        summary=summary,
        content=content,
        wire=publishers.wire("\n".join(texts)),
        language=line.language,
        published_claimed=line.published,
        published=published,
        published_confidence="day" if _DAY.fullmatch(line.published) else "claimed",
        fetched_at=published,
    )


def reading_of(line: ReadingLine, publishers: Publishers, earlier: Reading | None) -> Reading | BadLine:
    """Return the reading of a line; a story that comes again is a revision of what came `earlier`."""
    published = _time(line.published)
    if published is None:
        return BadLine(line.story_id, f"published must be a date or an ISO 8601 time, not {line.published!r}")
    if not -1 <= line.score <= 1:
        return BadLine(line.story_id, f"score must be in [-1, 1], not {line.score}")
    if not _SUBJECT.fullmatch(line.subject):
        return BadLine(line.story_id, f'subject must be "tone:A" or "relation:A|B", not {line.subject!r}')
    return Reading(
        subject=line.subject,
        story_id=str(line.story_id),
        revision=earlier.revision + 1 if earlier else 1,
        score=line.score,
        confidence=1.0,
        label="neutral",  # any label but unknown: the score says the rest
        publisher=publishers.family(line.publisher),
        language=line.language,
        published=published,
        first_published=earlier.first_published if earlier else published,
        fetched_at=published,
    )


def _time(text: str) -> datetime | None:
    """Read a time; a bare date is noon, UTC."""
    try:
        moment = parse_time(text)
    except (ValueError, OverflowError):
        return None
    return moment + timedelta(hours=12) if _DAY.fullmatch(text) else moment
