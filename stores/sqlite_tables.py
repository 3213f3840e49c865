"""How each record lies in SQLite: its table, its key, its version and the columns that queries use.

The record itself is kept as JSON beside them, so reading it back gives the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

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
from stores.base import LETTERS_KEPT_DAYS, MONTHS_24_DAYS, Stored

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)

Columns = Mapping[str, str | int | float]


def micros(moment: datetime) -> int:
    """Return a time as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def moment_of(micros: int) -> datetime:
    """Return the time that `micros` microseconds since 1970 stand for."""
    return EPOCH + micros * MICROSECOND


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `age` is the column that retention looks at; `keep_days` None keeps for ever."""

    name: str
    key: tuple[str, ...]
    columns: Callable[[Any], Columns]  # Any: each table takes its own record
    version: Callable[[Any], int]
    age: str | None = None
    keep_days: int | None = None

    def upsert(self, columns: Columns) -> str:
        """Return the statement that writes a row unless a newer version of it is there."""
        names = (*columns, "version", "record")
        fresh = ", ".join(f"{name} = excluded.{name}" for name in names if name not in self.key)
        return (
            f"INSERT INTO {self.name} ({', '.join(names)}) VALUES ({', '.join(f':{name}' for name in names)}) "
            f"ON CONFLICT ({', '.join(self.key)}) DO UPDATE SET {fresh} "
            f"WHERE excluded.version >= {self.name}.version"
        )


def _story(story: Story) -> Columns:
    return {
        "story_id": story.story_id,
        "status": story.status,
        "language": story.language,
        "publisher": story.publisher,
        "published": micros(story.published),
        "first_published": micros(story.first_published),
        "fetched_at": micros(story.fetched_at),
        "entities": " ".join(dict.fromkeys(mention.entity for mention in story.mentions)),
    }


def _evidence(evidence: Evidence) -> Columns:
    return {
        "subject": evidence.subject,
        "story_id": evidence.story_id,
        "score": evidence.score,
        "counted": evidence.counted,
        "withdrawn": evidence.withdrawn,
        "language": evidence.language,
        "publisher": evidence.publisher,
        "published": micros(evidence.published),
        "first_published": micros(evidence.first_published),
    }


def _point(point: SeriesPoint) -> Columns:
    return {"subject": point.subject, "bucket": point.bucket, "has_value": point.mean is not None}


def _shift(shift: Shift) -> Columns:
    return {
        "shift_id": shift.shift_id,
        "subject": shift.subject,
        "state": shift.state,
        "detected_at": micros(shift.detected_at),
    }


def _decision(decision: Decision) -> Columns:
    return {
        "target": decision.target,
        "decided_at": micros(decision.decided_at),
        "kind": decision.kind,
        "who": decision.who,
    }


TABLES: dict[type[Stored], Table] = {
    Story: Table(
        "stories", ("story_id",), _story, lambda story: story.revision, "first_published", MONTHS_24_DAYS
    ),
    Evidence: Table(
        "evidence", ("subject", "story_id"), _evidence, lambda evidence: evidence.revision,
        "first_published", MONTHS_24_DAYS,
    ),
    SeriesPoint: Table(
        "series", ("subject", "bucket"), _point, lambda point: micros(point.newest_fetched_at)
    ),
    Shift: Table("shifts", ("shift_id",), _shift, lambda shift: shift.revision),
    FeedState: Table(
        "feeds", ("feed_id",), lambda feed: {"feed_id": feed.feed_id},
        lambda feed: micros(feed.polled_at) if feed.polled_at else 0,
    ),
    Coverage: Table(
        "coverage", ("hour", "publisher"),
        lambda heard: {"hour": micros(heard.hour), "publisher": heard.publisher},
        lambda heard: heard.heard, "hour", MONTHS_24_DAYS,
    ),
    Decision: Table(
        "decisions", ("target", "decided_at", "kind", "who"), _decision, lambda decision: decision.revision
    ),
    DeadLetter: Table(
        "dead_letters", ("letter_id",),
        lambda letter: {"letter_id": letter.letter_id, "failed_at": micros(letter.failed_at)},
        lambda letter: letter.attempt, "failed_at", LETTERS_KEPT_DAYS,
    ),
    Mail: Table(
        "mails", ("mail_id",),
        lambda mail: {"mail_id": mail.mail_id, "created_at": micros(mail.created_at)},
        lambda mail: mail.revision, "created_at", MONTHS_24_DAYS,
    ),
}  # fmt: skip


def table_of(kind: type[Record]) -> Table:
    """Return the table of a kind of record; TypeError for one that no store keeps."""
    for known, table in TABLES.items():
        if known is kind:
            return table
    raise TypeError(f"no store keeps {kind.__name__}")
