"""Whether every story that was fed has an end: ids in − (analysed ∪ stored ∪ dead) = ∅. Pure, without I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from riftwatch.errors import Reject
from riftwatch.letters import Received
from riftwatch.records import DeadLetter, FeedItem, decode
from riftwatch.topics import ITEMS, STORIES

# A canary comes after what was fetched before its time, and what was fetched since may come before it: at most
# one slow poll (30 s) and the canaries' own interval (60 s).
SLACK = timedelta(minutes=5)


@dataclass(slots=True)
class Fed:
    """What the items topic holds: the place of each story's newest item, and from when on nothing is missing."""

    places: dict[str, tuple[int, int]] = field(default_factory=dict)  # story id -> partition, offset
    _reach: dict[int, Reach] = field(default_factory=dict)

    def take(self, message: Received) -> None:
        """Take one record in; what cannot be read is known by its place, as in the dead letters."""
        try:
            item = decode(message.value, FeedItem)
        except Reject:
            name = f"{message.topic}-{message.partition}-{message.offset}"
        else:
            reach = self._reach.setdefault(message.partition, Reach(complete=message.offset == 0))
            reach.take(item)
            if item.canary:
                return
            name = item.story_id
        self.places[name] = message.partition, message.offset

    @property
    def since(self) -> datetime | None:
        """The time since which every fetched item is still in the topic; None when it holds none."""
        return max((since for one in self._reach.values() if (since := one.since)), default=None)


@dataclass(slots=True)
class Reach:
    """How far back one partition reaches; canaries tell it best, because an old item can be sent once more."""

    complete: bool  # it still holds its first record
    _canary: datetime | None = None
    _item: datetime | None = None

    def take(self, item: FeedItem) -> None:
        """Take one item or canary in."""
        if item.canary:
            self._canary = self._canary or item.fetched_at
        elif self._item is None or item.fetched_at < self._item:
            self._item = item.fetched_at

    @property
    def since(self) -> datetime | None:
        """The time since which nothing is missing."""
        first = self._canary or self._item
        return first if first is None or self.complete else first + SLACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """The books of an installation; `closed` when every id that went in has come out, and no other."""

    fed: int
    analysed: int
    stored: int
    dead: int
    missing: tuple[str, ...]  # handled and nowhere: lost
    waiting: tuple[str, ...]  # not handled yet
    never_fed: tuple[str, ...]  # stored, and no item was ever seen
    not_stored: tuple[str, ...]  # analysed and not in the store: what the search sink still has to do
    not_judged: int  # stored and fetched before the items that Kafka still holds

    @property
    def closed(self) -> bool:
        """Whether nothing is missing, waiting or too many."""
        return not (self.missing or self.waiting or self.never_fed)


def compare(
    fed: Fed,
    *,
    handled: Mapping[int, int],
    analysed: AbstractSet[str],
    dead: AbstractSet[str],
    stored: AbstractSet[str],
    lately: AbstractSet[str],
    fed_since: AbstractSet[str] = frozenset(),
) -> Balance:
    """Return the books: `handled` is each partition's first offset still to do.

    `lately` are stored stories fetched since `fed.since`; `fed_since` are ids fed while the rest was being read.
    """
    open_ids = fed.places.keys() - analysed - dead - stored
    waiting = {one for one in open_ids if fed.places[one][1] >= handled.get(fed.places[one][0], 0)}
    strangers = stored - fed.places.keys() - fed_since
    judged = strangers & lately
    return Balance(
        fed=len(fed.places),
        analysed=len(analysed),
        stored=len(stored),
        dead=len(dead & fed.places.keys()),
        missing=tuple(sorted(open_ids - waiting)),
        waiting=tuple(sorted(waiting)),
        never_fed=tuple(sorted(judged)),
        not_stored=tuple(sorted((fed.places.keys() & analysed) - stored - dead)),
        not_judged=len(strangers - judged),
    )


def story_keys(messages: Iterable[Received]) -> set[str]:
    """Return the ids that the stories topic names; a tombstone is an answer too: somebody took the story out."""
    return {message.key.decode("utf-8", "replace") for message in messages if message.key}


def buried_ids(messages: Iterable[Received]) -> set[str]:
    """Return the ids of stories in dead letters, and the places of records that name none."""
    found = set()
    for message in messages:
        try:
            letter = decode(message.value, DeadLetter)
        except Reject:
            continue
        found.add(letter.letter_id)
        if letter.topic in {ITEMS.name, STORIES.name} and letter.key:
            found.add(letter.key.decode("utf-8", "replace"))
    return found
