"""A feed document as bytes: what stands before its entries, the entries, what stands after them. Pure.

A document that changed is mostly the one of the last poll with an entry or two on top. An entry whose bytes did
not change needs no parsing; to know it again its bytes are enough, as long as no markup reaches over its edges.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

from ingest.clean import MAX_ENTRIES

_ENTRY = re.compile(rb"<(item|entry)(?=[\s>])")
_ROOT = re.compile(rb"<(?:channel|feed)\b[^>]*>")
# Declared entities mean the same words in other bytes; a tombstone may stand between two entries.
_SPOILERS = (b"<!ENTITY", b"<!DOCTYPE", b"purl.org/atompub/tombstones")


@dataclass(frozen=True, slots=True)
class Pieces:
    """A document cut at the ends of its entries; joined they are the document again."""

    head: bytes
    entries: tuple[bytes, ...]
    tail: bytes
    keys: tuple[int, ...]  # of each entry: a hash of its bytes and of all that decides how they are read

    def without(self, known: Container[int]) -> bytes:
        """Return the document without the entries whose keys are known."""
        new = (entry for entry, key in zip(self.entries, self.keys, strict=True) if key not in known)
        return b"".join((self.head, *new, self.tail))

    def are_whole(self, known: Container[int]) -> bool:
        """Return whether every entry but the known ones is cut where it ends."""
        return all(
            key in known or _is_whole(entry) for entry, key in zip(self.entries, self.keys, strict=True)
        )


def cut(body: bytes, url: str, content_type: str) -> Pieces | None:
    """Return the pieces of a document, or None when it is not safe to take them apart.

    Its address and type belong to what decides how an entry is read: links may be relative, letters unclear.
    Keys hold within this process only.
    """
    first, root = _ENTRY.search(body), _ROOT.search(body)
    if (
        first is None
        or root is None
        or root.start() > first.start()
        or any(map(body.__contains__, _SPOILERS))
    ):
        return None
    end = b"</" + first[1] + b">"
    *entries, tail = body[first.start() :].split(end)
    if not 0 < len(entries) <= MAX_ENTRIES or _ENTRY.search(tail):
        return None
    around = hash((url, content_type, body[: root.end()]))
    keys = tuple(hash((around, entry.strip())) for entry in entries)
    if len(set(keys)) < len(keys):
        return None
    return Pieces(body[: first.start()], tuple(entry + end for entry in entries), tail, keys)


def _is_whole(entry: bytes) -> bool:
    """Return whether the bytes are one entry, with no comment or CDATA section open at their end."""
    starts = list(_ENTRY.finditer(entry))
    return (
        len(starts) == 1
        and not entry[: starts[0].start()].strip()
        and entry.count(b"<![CDATA[") == entry.count(b"]]>")
        and entry.count(b"<!--") == entry.count(b"-->")
    )
