"""The reading half of the SQLite store: every query of the store interface.

Each thread reads through a connection of its own, read-only, and never waits for the writer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import cast

import msgspec

from riftwatch.records import (
    Coverage,
    DeadLetter,
    Decision,
    Evidence,
    FeedState,
    Record,
    SeriesPoint,
    Shift,
    Story,
)
from stores.base import EvidenceQuery, Page, S, StoryQuery, SubjectSummary
from stores.sqlite_rows import Rows
from stores.sqlite_search import (
    MAX_TOTAL,
    RANKED,
    WEIGHTS,
    Value,
    evidence_conditions,
    listing,
    match_of,
    naming,
)
from stores.sqlite_tables import EPOCH, TABLES, micros, moment_of, table_of

SCRIPTS = ("store_001.sql",)
IDS_AT_ONCE = 500  # SQLite takes at most 32,766 values in one statement; pages ask for a few dozen
EVIDENCE_ORDERS = {
    "newest": "published DESC, story_id",
    "lowest": "score, published DESC, story_id",
    "highest": "score DESC, published DESC, story_id",
}
OPEN_STATES = "('opened', 'strengthened')"


class SqliteReader:
    """Reads a store file that somebody else writes, or will write."""

    def __init__(self, path: Path) -> None:
        self._rows = Rows(path, SCRIPTS)
        self._rows.connection()  # a file that cannot be read is noticed at once

    def close(self) -> None:
        """Close the connections of all threads; safe to call twice."""
        self._rows.close()

    # --- stories --------------------------------------------------------------------------------------

    def story(self, story_id: str) -> Story | None:
        """Return the newest revision of a story."""
        return self._one("SELECT record FROM stories WHERE story_id = ?", (story_id,), Story)

    def stories(self, ids: Sequence[str]) -> dict[str, Story]:
        """Return the stories that exist among `ids`."""
        found: dict[str, Story] = {}
        for start in range(0, len(ids), IDS_AT_ONCE):
            some = tuple(ids[start : start + IDS_AT_ONCE])
            marks = ", ".join("?" * len(some))
            rows = self._many(f"SELECT record FROM stories WHERE story_id IN ({marks})", some, Story)
            found |= {story.story_id: story for story in rows}
        return found

    def search(self, query: StoryQuery) -> Page[Story]:
        """Return stories, best match first when there is a text, newest first otherwise."""
        match = match_of(query.text)
        if match:
            return self._matching(match, query)
        if query.text.strip():  # only punctuation: nothing can match
            return Page((), 0)
        table, where = listing(query)
        own = "s.story" if query.entities else "s.id"
        sql = (
            f"SELECT record FROM stories WHERE id IN (SELECT {own} FROM {table} WHERE {where} "
            f"ORDER BY s.published DESC, {own} DESC LIMIT ? OFFSET ?) ORDER BY published DESC, id DESC"
        )
        items = self._many(sql, (*where.values, query.limit, query.offset), Story)
        return Page(
            tuple(items), self._rows.number(f"SELECT count(*) FROM {table} WHERE {where}", where.values)
        )

    def _matching(self, match: str, query: StoryQuery) -> Page[Story]:
        hits, values = self._hits(match, query)
        newest = f"SELECT rowid FROM story_words WHERE {hits} ORDER BY rowid DESC LIMIT {MAX_TOTAL}"
        ids = [row[0] for row in self._rows.all(newest, values)]
        if len(ids) <= RANKED:
            ranked = f"SELECT rowid FROM story_words WHERE {hits} ORDER BY bm25(story_words, {WEIGHTS}), rowid DESC"
            ordered = [row[0] for row in self._rows.all(ranked, values)]
        else:
            titled = f"SELECT rowid FROM story_words WHERE story_words MATCH ? AND rowid >= {ids[-1]}"
            first = {row[0] for row in self._rows.all(titled, (f"title : ({match})",))}
            ordered = sorted(ids, key=lambda found: found not in first)
        return Page(tuple(self._by_row(ordered[query.offset :][: query.limit])), len(ids))

    def _hits(self, match: str, query: StoryQuery) -> tuple[str, list[Value]]:
        table, where = listing(query)
        if (
            not query.entities and len(where.clauses) == 1
        ):  # only the status, which holds for all that is indexed
            return "story_words MATCH ?", [match]
        own = "s.story" if query.entities else "s.id"
        # "+" keeps SQLite from looking the words up once for each story of the list: minutes instead of 20 ms.
        hits = f"story_words MATCH ? AND +rowid IN (SELECT {own} FROM {table} WHERE {where})"
        return hits, [naming(match, query.entities), *where.values]

    def _by_row(self, rows: Sequence[int]) -> list[Story]:
        found = [self._one("SELECT record FROM stories WHERE id = ?", (row,), Story) for row in rows]
        return [story for story in found if story is not None]  # one may be dropped while we read

    def story_ids(self, fetched_since: datetime | None = None) -> Iterator[str]:
        """Yield the id of every story, or of those last fetched at or after a time, in their order."""
        where, values = ("fetched_at >= ?", (micros(fetched_since),)) if fetched_since else ("1", ())
        for row in self._rows.each(f"SELECT story_id FROM stories WHERE {where} ORDER BY story_id", values):
            yield row[0]

    def latest_time(self) -> datetime | None:
        """Return the newest fetched_at among the stories: the desk's idea of now in a replay."""
        newest = self._rows.number("SELECT max(fetched_at) FROM stories", ())
        return moment_of(newest) if newest else None

    # --- subjects -------------------------------------------------------------------------------------

    def evidence(self, query: EvidenceQuery) -> Page[Evidence]:
        """Return evidence of one subject."""
        where = evidence_conditions(query)
        keys = (
            f"SELECT rowid FROM evidence WHERE {where} "
            f"ORDER BY {EVIDENCE_ORDERS[query.order]} LIMIT ? OFFSET ?"
        )
        sql = f"SELECT record FROM evidence WHERE rowid IN ({keys}) ORDER BY {EVIDENCE_ORDERS[query.order]}"
        items = self._many(sql, (*where.values, query.limit, query.offset), Evidence)
        return Page(
            tuple(items), self._rows.number(f"SELECT count(*) FROM evidence WHERE {where}", where.values)
        )

    def series(self, subject: str, since: date | None = None, until: date | None = None) -> list[SeriesPoint]:
        """Return the days of a subject, oldest first; days without a record are absent."""
        first, last = (since or date.min).isoformat(), (until or date.max).isoformat()
        sql = "SELECT record FROM series WHERE subject = ? AND bucket BETWEEN ? AND ? ORDER BY bucket"
        return self._many(sql, (subject, first, last), SeriesPoint)

    def subjects(self, kind: str, until: date, days: int = 30) -> list[SubjectSummary]:
        """Summarise every subject of a kind ("tone" or "relation") over the days up to `until`."""
        since = until - timedelta(days=days - 1)
        shifts = self._open_shifts(kind, until)
        return [
            SubjectSummary(
                subject=subject,
                latest=self._latest_value(subject, until),
                recent=tuple(self.series(subject, since, until)),
                open_shift=shifts.get(subject),
            )
            for subject in self._names(kind)
        ]

    def _names(self, kind: str) -> list[str]:
        # Jumps from one subject to the next in the index instead of reading every day of each.
        sql = """
            WITH RECURSIVE names (subject) AS (
                SELECT min(subject) FROM series WHERE subject >= ?1 AND subject < ?2
                UNION ALL
                SELECT (SELECT min(s.subject) FROM series s WHERE s.subject > names.subject AND s.subject < ?2)
                FROM names WHERE names.subject IS NOT NULL
            )
            SELECT subject FROM names WHERE subject IS NOT NULL
        """
        return [row[0] for row in self._rows.all(sql, (f"{kind}:", f"{kind};"))]

    def _latest_value(self, subject: str, until: date) -> SeriesPoint | None:
        sql = (
            "SELECT record FROM series WHERE subject = ? AND bucket <= ? AND has_value "
            "ORDER BY bucket DESC LIMIT 1"
        )
        return self._one(sql, (subject, until.isoformat()), SeriesPoint)

    def _open_shifts(self, kind: str, until: date) -> dict[str, Shift]:
        end = micros(datetime.combine(until + timedelta(days=1), EPOCH.timetz()))
        sql = (
            f"SELECT record FROM shifts WHERE state IN {OPEN_STATES} AND subject >= ? AND subject < ? "
            "AND detected_at < ? ORDER BY detected_at, shift_id"
        )
        return {shift.subject: shift for shift in self._many(sql, (f"{kind}:", f"{kind};", end), Shift)}

    def shifts(self, subject: str | None = None, limit: int = 50, offset: int = 0) -> Page[Shift]:
        """Return shifts in their newest revision, newest detected first."""
        where, values = ("subject = ?", (subject,)) if subject is not None else ("1", ())
        sql = f"SELECT record FROM shifts WHERE {where} ORDER BY detected_at DESC, shift_id LIMIT ? OFFSET ?"
        items = self._many(sql, (*values, limit, offset), Shift)
        return Page(tuple(items), self._rows.number(f"SELECT count(*) FROM shifts WHERE {where}", values))

    def shift(self, shift_id: str) -> Shift | None:
        """Return the newest revision of a shift."""
        return self._one("SELECT record FROM shifts WHERE shift_id = ?", (shift_id,), Shift)

    def decisions(self, target: str | None = None) -> list[Decision]:
        """Return what people decided, on one target or on all, newest first."""
        where, values = ("target = ?", (target,)) if target is not None else ("1", ())
        sql = f"SELECT record FROM decisions WHERE {where} ORDER BY decided_at DESC, target, kind, who"
        return self._many(sql, values, Decision)

    # --- operations -----------------------------------------------------------------------------------

    def feeds(self) -> list[FeedState]:
        """Return every feed's state, by feed id."""
        return self._many("SELECT record FROM feeds ORDER BY feed_id", (), FeedState)

    def coverage(self, since: datetime, until: datetime) -> list[Coverage]:
        """Return who was heard when, oldest first."""
        sql = "SELECT record FROM coverage WHERE hour >= ? AND hour < ? ORDER BY hour, publisher"
        return self._many(sql, (micros(since), micros(until)), Coverage)

    def dead_letters(self, limit: int = 50, offset: int = 0) -> Page[DeadLetter]:
        """Return dead letters, newest failure first."""
        sql = "SELECT record FROM dead_letters ORDER BY failed_at DESC, letter_id LIMIT ? OFFSET ?"
        items = self._many(sql, (limit, offset), DeadLetter)
        return Page(tuple(items), self._rows.number("SELECT count(*) FROM dead_letters", ()))

    def counts(self) -> dict[str, int]:
        """Return the number of records of each kind, by the record's name in lower case."""
        return {
            kind.__name__.lower(): self._rows.number(f"SELECT count(*) FROM {table.name}", ())
            for kind, table in TABLES.items()
        }

    def everything(self, kind: type[S]) -> Iterator[S]:
        """Yield every record of a kind in a stable order, for `rebuild`."""
        table = table_of(kind)
        decode = msgspec.json.Decoder(kind).decode
        for row in self._rows.each(f"SELECT record FROM {table.name} ORDER BY {', '.join(table.key)}"):
            yield decode(row[0])

    # --- statements -----------------------------------------------------------------------------------

    def _many(self, sql: str, values: Sequence[Value], kind: type[S]) -> list[S]:
        decode = _decoder(kind).decode
        return [decode(row[0]) for row in self._rows.all(sql, values)]

    def _one(self, sql: str, values: Sequence[Value], kind: type[S]) -> S | None:
        found = self._many(sql, values, kind)
        return found[0] if found else None


_decoders: dict[type[Record], msgspec.json.Decoder[Record]] = {}


def _decoder(kind: type[S]) -> msgspec.json.Decoder[S]:
    if kind not in _decoders:
        _decoders[kind] = msgspec.json.Decoder(kind)
    return cast("msgspec.json.Decoder[S]", _decoders[kind])
