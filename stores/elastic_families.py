"""The table of families: each kind of record with its index, id, version, age and fields in Elasticsearch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any

import msgspec

from riftwatch.clock import iso
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
from stores import elastic_fields as fields
from stores import elastic_ops_fields as ops
from stores.base import LETTERS_KEPT_DAYS, MONTHS_24_DAYS, Stored
from stores.elastic_fields import Fields

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One kind of record in Elasticsearch.

    `month` is the time that fixes a record's monthly index for ever; without it the family is one index.
    `order` are fields that sort every document of the family, oldest or smallest first, none like another.
    `age` is the field that retention looks at; `keep_days` None keeps for ever.
    """

    name: str
    kind: str  # event.kind of the Elastic Common Schema
    key: Callable[[Any], str]  # Any: each family takes its own record
    version: Callable[[Any], int]
    created: Callable[[Any], datetime | None]  # event.created
    fields: Callable[[Any, datetime], Fields]
    month: Callable[[Any], datetime] | None = None
    age: str | None = None
    keep_days: int | None = None

    def reading(self, prefix: str) -> str:
        """Return the name under which all of it is read: an alias over the months, or the index."""
        return f"{prefix}-{self.name}"

    def pattern(self, prefix: str) -> str:
        """Return the pattern of its indices."""
        return f"{prefix}-{self.name}-*" if self.month else f"{prefix}-{self.name}"


def millis(moment: datetime) -> int:
    """Return a time as milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _decision_key(decision: Decision) -> str:
    parts = (decision.target, iso(decision.decided_at), decision.kind, decision.who)
    return blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()


FAMILIES: dict[type[Stored], Family] = {
    Story: Family(
        name="stories", kind="event", key=lambda story: story.story_id, version=lambda story: story.revision,
        created=lambda story: story.fetched_at, fields=fields.story,
        month=lambda story: story.first_published, age="news.first_published", keep_days=MONTHS_24_DAYS,
    ),
    Evidence: Family(
        name="evidence", kind="event", key=lambda piece: f"{piece.subject}|{piece.story_id}",
        version=lambda piece: piece.revision, created=lambda piece: piece.fetched_at, fields=fields.evidence,
        month=lambda piece: piece.first_published, age="news.first_published", keep_days=MONTHS_24_DAYS,
    ),
    SeriesPoint: Family(
        name="series", kind="metric", key=lambda point: f"{point.subject}|{point.bucket}",
        version=lambda point: millis(point.newest_fetched_at), created=lambda point: point.newest_fetched_at,
        fields=fields.point,
    ),
    Shift: Family(
        name="shifts", kind="alert", key=lambda shift: shift.shift_id, version=lambda shift: shift.revision,
        created=lambda shift: shift.reported_at, fields=fields.shift,
    ),
    FeedState: Family(
        name="feeds", kind="state", key=lambda feed: feed.feed_id,
        version=lambda feed: millis(feed.polled_at) if feed.polled_at else 0,
        created=lambda feed: feed.polled_at, fields=ops.feed,
    ),
    Coverage: Family(
        name="coverage", kind="metric", key=lambda heard: f"{iso(heard.hour)}|{heard.publisher}",
        version=lambda heard: heard.heard, created=lambda heard: heard.hour, fields=ops.coverage,
        age="@timestamp", keep_days=MONTHS_24_DAYS,
    ),
    Decision: Family(
        name="decisions", kind="event", key=_decision_key, version=lambda decision: decision.revision,
        created=lambda decision: decision.decided_at, fields=ops.decision,
    ),
    DeadLetter: Family(
        name="dead-letters", kind="event", key=lambda letter: letter.letter_id,
        version=lambda letter: letter.attempt, created=lambda letter: letter.failed_at,
        fields=ops.dead_letter, age="@timestamp", keep_days=LETTERS_KEPT_DAYS,
    ),
    Mail: Family(
        name="mails", kind="event", key=lambda mail: mail.mail_id, version=lambda mail: mail.revision,
        created=lambda mail: mail.created_at, fields=ops.mail, age="@timestamp", keep_days=MONTHS_24_DAYS,
    ),
}  # fmt: skip


def family_of(kind: type[Record]) -> Family:
    """Return the family of a kind of record; TypeError for one that no store keeps."""
    for known, family in FAMILIES.items():
        if known is kind:
            return family
    raise TypeError(f"no store keeps {kind.__name__}")
