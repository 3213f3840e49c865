"""A feed document as bytes: what stands before its entries, the entries, what stands after them. Pure.

A document that changed is mostly the one of the last poll with an entry or two on top. An entry whose bytes did
not change needs no parsing; to know it again its bytes are enough, as long as no markup reaches over its edges.
"""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from hashlib import blake2b

from ingest.clean import MAX_ENTRIES

KEY_BYTES = 8  # of a hash that only ever is compared with the few hundred of the same feed
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
    keys: tuple[bytes, ...]  # of each entry: its bytes and all that decides how they are read

    def without(self, known: Container[bytes]) -> bytes:
        """Return the document without the entries whose keys are known."""
        new = (entry for entry, key in zip(self.entries, self.keys, strict=True) if key not in known)
        return b"".join((self.head, *new, self.tail))


def cut(body: bytes, url: str, content_type: str) -> Pieces | None:
    """Return the pieces of a document, or None when it is not safe to take them apart.

    Its address and type belong to what decides how an entry is read: links may be relative, letters unclear.
    """
    first, root = _ENTRY.search(body), _ROOT.search(body)
    if (
        first is None
        or root is None
        or root.start() > first.start()
        or any(map(body.__contains__, _SPOILERS))
    ):
        return None
    name = first[1]
    end = b"</" + name + b">"
    *entries, tail = body[first.start() :].split(end)
    if not 0 < len(entries) <= MAX_ENTRIES or _ENTRY.search(tail):
        return None
    start = (
        b"<" + name + b" ",
        b"<" + name + b">",
        b"<" + name + b"\n",
        b"<" + name + b"\t",
        b"<" + name + b"\r",
    )
    if not all(_is_whole(entry, start) for entry in entries):
        return None
    whole = tuple(entry + end for entry in entries)
    around = f"{url}\n{content_type}\n".encode("utf-8", "replace") + body[: root.end()]
    context = blake2b(around, digest_size=KEY_BYTES)
    keys = tuple(_key(context, entry) for entry in whole)
    return Pieces(body[: first.start()], whole, tail, keys) if len(set(keys)) == len(keys) else None


def _is_whole(entry: bytes, start: tuple[bytes, ...]) -> bool:
    """Return whether the bytes hold one entry, with no comment or CDATA section open at their end."""
    return (
        entry.lstrip().startswith(start)
        and entry.count(start[0][:-1]) == 1
        and entry.count(b"<![CDATA[") == entry.count(b"]]>")
        and entry.count(b"<!--") == entry.count(b"-->")
    )


def _key(context: blake2b, entry: bytes) -> bytes:
    hashed = context.copy()
    hashed.update(entry.strip())
    return hashed.digest()
