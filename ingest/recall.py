"""What is remembered of a feed's last document, so that only the new entries of the next one are parsed. Pure.

It is a memory of this process, a few dozen bytes an entry, and is believed only while it belongs to the document
whose hash the feed's state names: after a refused send, a restart or another poller's turn everything is parsed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from ingest import identity
from ingest.identity import Identified
from ingest.pieces import Pieces
from riftwatch.records import FeedState


class EntangledError(Exception):
    """New entries that cannot be told apart without the known ones: the whole document must be parsed."""


class Known(msgspec.Struct, frozen=True, array_like=True):
    """An entry of the last document."""

    key: int  # of its piece
    story_id: str
    address: bytes  # short hash of its canonical address; empty without one
    guid_key: str
    published: str | None


class _Remembered(msgspec.Struct, frozen=True, array_like=True):
    body_hash: str
    known: list[Known]


@dataclass(frozen=True, slots=True)
class Familiar:
    """A document of which some entries are known by their bytes."""

    pieces: Pieces
    known: Mapping[int, Known]  # by key; those that stand in the document


class Recall:
    """The last documents of the feeds that this process polls."""

    def __init__(self) -> None:
        self._by_feed: dict[str, bytes] = {}

    def familiar(self, state: FeedState, pieces: Pieces | None) -> Familiar | None:
        """Return which entries of a document are known; None when none is or the memory does not fit."""
        kept = self._by_feed.get(state.feed_id)
        if kept is None or pieces is None:
            return None
        remembered = msgspec.msgpack.decode(kept, type=_Remembered)
        if remembered.body_hash != state.body_hash:
            return None
        there = set(pieces.keys)
        known = {one.key: one for one in remembered.known if one.key in there and one.story_id in state.seen}
        return Familiar(pieces, known) if known and pieces.are_whole(known) else None

    def keep(self, feed_id: str, body_hash: str, known: Sequence[Known] | None) -> None:
        """Remember a document, or forget the feed's last one."""
        if known is None:
            self._by_feed.pop(feed_id, None)
        else:
            self._by_feed[feed_id] = msgspec.msgpack.encode(_Remembered(body_hash, list(known)))


def learnt(
    pieces: Pieces | None, found: Sequence[Identified], entries: int, known: Mapping[int, Known]
) -> list[Known] | None:
    """Return what to remember of a document, or None unless each piece is one entry, one guid and one story."""
    if pieces is None or entries != len(pieces.keys) - len(known):
        return None
    if not _are_plain(found, entries) or not pieces.are_whole(known):
        return None
    fresh = iter(found)
    return [known.get(key) or _known(key, next(fresh)) for key in pieces.keys]


def refuse_entangled(found: Sequence[Identified], entries: int, known: Mapping[int, Known]) -> None:
    """Raise EntangledError if the known entries matter for which stories the new ones are."""
    guids, stories = {one.guid_key for one in known.values()}, {one.story_id for one in known.values()}
    addresses = {one.address for one in known.values()} - {b""}
    if not _are_plain(found, entries) or any(
        one.guid_key in guids or one.story_id in stories or _address(one) in addresses for one in found
    ):
        raise EntangledError


def _are_plain(found: Sequence[Identified], entries: int) -> bool:
    """Return whether every entry is a story of its own and has a guid of its own that can be trusted."""
    keys = {one.guid_key for one in found}
    return len(keys) == len(found) == entries and None not in keys


def _known(key: int, one: Identified) -> Known:
    return Known(key, one.story_id, _address(one), one.guid_key or "", one.entry.published)


def _address(one: Identified) -> bytes:
    return bytes.fromhex(identity.digest(one.canonical_url)[:16]) if one.canonical_url else b""
