"""What a feed document holds once parsed: plain data, no markup, no library types."""

from __future__ import annotations

import msgspec

from ingest.outcome import Outcome


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry as the feed states it, in plain text."""

    guid: str = ""
    link: str = ""  # absolute http(s) address or empty
    title: str = ""
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()  # as the feed files it; some newsrooms name the agency here
    claimed: str | None = None  # the date as written
    published: str | None = None  # the same as ISO 8601 in UTC, or a bare day, when it could be read


class Withdrawn(msgspec.Struct, frozen=True, kw_only=True):
    """An entry that the feed itself says it took back (an Atom tombstone)."""

    ref: str  # guid or address
    when: str | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A parsed feed."""

    title: str = ""
    language: str | None = None
    entries: tuple[Entry, ...] = ()
    withdrawn: tuple[Withdrawn, ...] = ()
    entries_cut: int = 0  # entries beyond the limit, not looked at
    ttl_minutes: float | None = None  # how long the feed asks to be left alone


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A body that gave no document."""

    outcome: Outcome
    detail: str


class ParseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A body to parse, with the headers that say how to read it."""

    body: bytes
    url: str
    content_type: str = ""
    is_page: bool = False  # a web page whose text is wanted, no feed


class ParseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Exactly one of the three."""

    document: Document | None = None
    problem: Problem | None = None
    text: str | None = None  # of a page
