"""The one interface of the stores: SQLite and Elasticsearch implement it, and one contract suite runs on both.

Writing: only the search sink writes (`put`), idempotently: a record replaces an older version of itself and
never a newer one. Reading: the desk, batch commands and `rebuild`; a reader never blocks the writer.
All times are UTC. Lists come newest first unless said otherwise. `since` is included, an `until` that is a time
is not, an `until` that is a day is. Searches leave out deleted stories and withdrawn evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Protocol, TypeVar

from riftwatch.errors import Retry
from riftwatch.records import (
    Coverage,
    DeadLetter,
    Decision,
    Evidence,
    FeedState,
    Mail,
    Record,
    SeriesPoint,
    Shift,
    Story,
)

Stored = Story | Evidence | SeriesPoint | Shift | FeedState | Coverage | Decision | DeadLetter | Mail
S = TypeVar("S", bound=Record)
MONTHS_24_DAYS = 731
LETTERS_KEPT_DAYS = 30


class Outcome(Enum):
    """What became of one written record."""

    WRITTEN = "written"
    STALE = "stale"  # the store holds this version or a newer one: success
    REJECTED = "rejected"  # this record can never be stored: dead letter


@dataclass(frozen=True, slots=True)
class Written:
    """Outcome of one record, with the reason of a rejection."""

    outcome: Outcome
    reason: str = ""


class Unfinished(Retry):
    """A `put` that settled some of its records; those that are None in `settled` are to be put again."""

    def __init__(self, message: str, reason: str, settled: Sequence[Written | None]) -> None:
        super().__init__(message, reason)
        self.settled = tuple(settled)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryQuery:
    """A search for stories; every condition given must hold."""

    text: str = ""  # words; a word matches its inflections as far as the store's analysis goes
    entities: tuple[str, ...] = ()
    language: str | None = None
    publisher: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = 25
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceQuery:
    """A search for evidence of one subject."""

    subject: str
    since: datetime | None = None
    until: datetime | None = None
    language: str | None = None
    publisher: str | None = None
    counted_only: bool = False
    order: str = "newest"  # newest, lowest or highest (by score)
    limit: int = 25
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Page(Sequence[S]):
    """One page of results and how many there are in all; a search for words counts to 10,000 and no further."""

    items: tuple[S, ...]
    total: int

    def __getitem__(self, index: int) -> S:  # type: ignore[override]
        return self.items[index]

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectSummary:
    """What one subject did lately, for overviews."""

    subject: str
    latest: SeriesPoint | None  # newest day with a value
    recent: tuple[SeriesPoint, ...] = field(default=())  # oldest first
    open_shift: Shift | None = None  # newest shift that is opened or strengthened


class Store(Protocol):
    """Reading and writing of stored records."""

    # writing (the search sink) -----------------------------------------------------------------------

    def put(self, records: Sequence[Stored]) -> list[Written]:
        """Write records in one go, in order; raises Retry when the store is unwell (nothing is lost).

        Putting all of them again is always right; Unfinished says which of them need not be.
        """

    def retain(self, now: datetime) -> int:
        """Drop what is older than 24 months, dead letters after 30 days; return how many records went.

        Series, shifts and decisions stay. A store may drop stories and evidence by whole months, once all of one is old.
        """

    # reading -----------------------------------------------------------------------------------------

    def story(self, story_id: str) -> Story | None:
        """Return the newest revision of a story."""

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """Return the stories that exist among `ids`."""

    def search(self, query: StoryQuery) -> Page[Story]:
        """Return stories, best match first when there is a text, newest first otherwise."""

    def evidence(self, query: EvidenceQuery) -> Page[Evidence]:
        """Return evidence of one subject."""

    def series(self, subject: str, since: date | None = None, until: date | None = None) -> list[SeriesPoint]:
        """Return the days of a subject, oldest first; days without a record are absent."""

    def subjects(self, kind: str, until: date, days: int = 30) -> list[SubjectSummary]:
        """Summarise every subject of a kind ("tone" or "relation") over the days up to `until`."""

    def shifts(self, subject: str | None = None, limit: int = 50, offset: int = 0) -> Page[Shift]:
        """Return shifts in their newest revision, newest detected first."""

    def shift(self, shift_id: str) -> Shift | None:
        """Return the newest revision of a shift."""

    def decisions(self, target: str | None = None) -> list[Decision]:
        """Return what people decided, on one target or on all, newest first."""

    def feeds(self) -> list[FeedState]:
        """Return every feed's state, by feed id."""

    def coverage(self, since: datetime, until: datetime) -> list[Coverage]:
        """Return who was heard when, oldest first."""

    def dead_letters(self, limit: int = 50, offset: int = 0) -> Page[DeadLetter]:
        """Return dead letters, newest failure first."""

    def story_ids(self, fetched_since: datetime | None = None) -> Iterator[str]:
        """Yield the id of every story, or of those last fetched at or after a time, in their order; reads no story."""

    def latest_time(self) -> datetime | None:
        """Return the newest fetched_at among the stories: the desk's idea of now in a replay."""

    def counts(self) -> dict[str, int]:
        """Return the number of records of each kind, by the record's name in lower case."""

    def everything(self, kind: type[S]) -> Iterator[S]:
        """Yield every record of a kind in a stable order, for `rebuild`."""

    def close(self) -> None:
        """Release what the store holds; safe to call twice."""
