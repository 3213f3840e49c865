"""Which story an entry is. Pure functions of what the feed says; the rules are docs/decisions/030.

    an article's canonical address
    or, without a usable one: the feed and the entry's guid
    or, without that too: the feed and the entry's own words and date

A guid that the feed showed before keeps its story even under a new address (a headline edit that changes the
slug), as long as the feed's guids can be trusted.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.canonical import canonical, is_section
from ingest.document import Entry
from riftwatch.publishers import host_of

ID_CHARS = 24  # 96 bits: no two of a billion stories share an id
GUID_CHARS = 12
BAD_GUID_SHARE = 0.05  # of a document; above it the feed's guids identify nothing


@dataclass(frozen=True, slots=True)
class Identified:
    """An entry and which story it is."""

    entry: Entry
    story_id: str
    canonical_url: str | None
    guid_key: str | None  # under which the feed's memory keeps it; None when the guid says nothing
    moved: bool = False  # its guid is that of a story which had another address


def identify(
    feed_id: str, feed_url: str, entries: Sequence[Entry], guids: Mapping[str, str], *, trust: bool = True
) -> list[Identified]:
    """Return the stories of one document, each once, in its order; nothing is dropped for lack of a title.

    `guids` is what earlier documents of the feed taught: guid key -> story id. Without `trust` the feed's guids
    are known to be bad (guids.py) and say nothing.
    """
    host = host_of(feed_url)
    addresses = [canonical(entry.link, host) if entry.link else None for entry in entries]
    shared = _shared(entries, addresses)
    trusted = trust and guids_are_good(entries)
    found: dict[str, Identified] = {}
    for entry, address in zip(entries, addresses, strict=True):
        key = guid_key(entry.guid) if entry.guid and trusted else None
        usable = address if address and address not in shared and not is_section(address) else None
        known = _known(key, guids)
        story_id = known or story_of(feed_id, entry, usable, trusted=trusted)
        moved = known is not None and usable is not None and known != digest("url", usable)
        found.setdefault(story_id, Identified(entry, story_id, address, key, moved))
    return list(found.values())


def story_of(feed_id: str, entry: Entry, address: str | None, *, trusted: bool) -> str:
    """Return the id of an entry's story."""
    if address:
        return digest("url", address)
    if entry.guid and trusted:
        return digest("guid", feed_id, entry.guid)
    return digest(
        "words", feed_id, _plain(entry.title), _plain(entry.summary or entry.content), entry.claimed or ""
    )


def content_hash(entry: Entry) -> str:
    """Return a hash of the words of an entry: two hashes differ when a reader would see a change."""
    words = (entry.title, entry.summary, entry.content)
    return digest("content", *(" ".join(text.split()) for text in words))[:16]


def guids_are_good(entries: Sequence[Entry]) -> bool:
    """Return whether guids tell the entries of a document apart: hardly any missing or repeated."""
    if not entries:
        return True
    counts = Counter(entry.guid for entry in entries)
    bad = counts.pop("", 0) + sum(count for count in counts.values() if count > 1)
    return bad <= BAD_GUID_SHARE * len(entries)


def guid_key(guid: str) -> str:
    """Return the short form under which a feed's memory keeps a guid."""
    return digest("key", guid)[:GUID_CHARS]


def digest(*parts: str) -> str:
    """Return a hash of the parts; no two lists of parts run together."""
    data = "\x00".join(parts).encode("utf-8", "replace")
    return hashlib.sha256(data).hexdigest()[:ID_CHARS]


def _known(key: str | None, guids: Mapping[str, str]) -> str | None:
    return guids.get(key) if key else None


def _shared(entries: Sequence[Entry], addresses: Sequence[str | None]) -> set[str]:
    """Return addresses to which entries with different words and guids point: live tickers, bad feeds."""
    titles: dict[str, set[str]] = {}
    for address, name in _names(entries, addresses):
        titles.setdefault(address, set()).add(name)
    return {address for address, names in titles.items() if len(names) > 2}


def _names(entries: Sequence[Entry], addresses: Sequence[str | None]) -> Iterator[tuple[str, str]]:
    for entry, address in zip(entries, addresses, strict=True):
        if address:
            yield address, f"{entry.guid}\x00{_plain(entry.title)}"


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
