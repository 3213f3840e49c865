"""Changes to the catalogue made by command: merged by address, saved at once or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.amending import amend
from ingest.canonical import canonical
from ingest.feeds import Feed, write
from riftwatch.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Merge:
    """A catalogue with new feeds in it."""

    feeds: tuple[Feed, ...]
    added: tuple[Feed, ...]
    known: tuple[Feed, ...]  # left out: their address stands in the catalogue already


def merge(catalogue: Sequence[Feed], new: Iterable[Feed]) -> Merge:
    """Return the catalogue with the feeds whose address it lacks; ids that are taken get a number."""
    addresses = {_key(feed) for feed in catalogue}
    ids = {feed.feed_id for feed in catalogue}
    added: list[Feed] = []
    known: list[Feed] = []
    for feed in new:
        if _key(feed) in addresses:
            known.append(feed)
            continue
        fresh = replace(feed, feed_id=_free(feed.feed_id, ids))
        addresses.add(_key(fresh))
        ids.add(fresh.feed_id)
        added.append(fresh)
    return Merge((*catalogue, *added), tuple(added), tuple(known))


def save(path: Path, feeds: Sequence[Feed], before: Sequence[Feed] = ()) -> None:
    """Write the catalogue, atomically; a running poller takes it over within seconds.

    With `before`, what `path` holds now, the file is amended: comments, groups and the marks of others stay.
    """
    fresh = path.with_name(path.name + ".new")
    try:
        fresh.write_bytes(amend(path.read_bytes(), before, feeds) if before else write(feeds))
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"cannot be written ({error.strerror})", path) from error


def _key(feed: Feed) -> str:
    return canonical(feed.url) or feed.url


def _free(wanted: str, taken: set[str]) -> str:
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
