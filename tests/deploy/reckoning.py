"""What a layer must answer, counted from the records in plain Python: no engine, no document, no mapping.

Each field of a dashboard is named here once more with where it stands in the record.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from deploy.dashboards.asking import Answer, Key, Span
from deploy.dashboards.conditions import AtLeast, Condition, Has, Is, Not, OneOf
from deploy.dashboards.model import Bucket, Days, Layer, Metric, Top
from riftwatch.records import Coverage, DeadLetter, Evidence, FeedState, SeriesPoint, Shift, Story
from stores.base import Stored
from tests.deploy.seed import ingested

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Get: TypeAlias = Callable[[Any], object]  # Any: each table takes its own record
KINDS: dict[str, type[Stored]] = {
    "stories": Story, "evidence": Evidence, "series": SeriesPoint, "shifts": Shift, "feeds": FeedState,
    "coverage": Coverage, "dead-letters": DeadLetter,
}  # fmt: skip


def _about(kind: str) -> dict[str, Get]:
    def entities(record: Any) -> tuple[str, ...]:
        return tuple(record.subject.split(":")[1].split("|"))

    return {
        "news.subject": lambda r: r.subject,
        "news.subject_kind": lambda r: r.subject.split(":")[0],
        "news.entity_ids": entities,
        "news.pair": lambda r: "|".join(entities(r)) if len(entities(r)) == 2 else None,
        "news.relation.a": lambda r: entities(r)[0] if len(entities(r)) == 2 else None,
        "news.relation.b": lambda r: entities(r)[1] if len(entities(r)) == 2 else None,
    } if kind else {}  # fmt: skip


FIELDS: dict[str, dict[str, Get]] = {
    "stories": {
        "@timestamp": lambda s: s.published,
        "event.ingested": ingested,
        "news.title.raw": lambda s: s.title,
        "news.language": lambda s: s.language,
        "news.publisher_family": lambda s: s.publisher,
        "news.wire": lambda s: s.wire,
        "news.feed.id": lambda s: s.feed_id,
        "news.entity_ids": lambda s: tuple({m.entity for m in s.mentions}),
        "news.analysed_ms": lambda s: s.analysed_ms,
        "news.latency.fetch_s": lambda s: (s.fetched_at - s.published) / timedelta(seconds=1),
        "news.latency.store_s": lambda s: (ingested(s) - s.fetched_at) / timedelta(seconds=1),
    },
    "evidence": _about("evidence") | {
        "@timestamp": lambda e: e.published,
        "news.id": lambda e: e.story_id,
        "news.language": lambda e: e.language,
        "news.publisher_family": lambda e: e.publisher,
        "news.label": lambda e: e.label,
        "news.score": lambda e: e.score,
        "news.counted": lambda e: e.counted,
        "news.duplicate_of": lambda e: e.copy_of,
        "news.sentence.raw": lambda e: e.sentences[0].sentence,
        "news.sentence_score": lambda e: e.sentences[0].score,
    },
    "series": _about("series") | {
        "@timestamp": lambda p: datetime.fromisoformat(p.bucket).replace(tzinfo=UTC),
        "news.series.mean": lambda p: p.mean,
        "news.series.low": lambda p: p.low,
        "news.series.high": lambda p: p.high,
        "news.series.n_stories": lambda p: p.n_stories,
        "news.series.n_copies": lambda p: p.n_copies,
        "news.series.a_to_b": lambda p: p.a_to_b,
        "news.series.b_to_a": lambda p: p.b_to_a,
        "news.series.de.mean": lambda p: p.languages["de"].mean,
        "news.series.en.mean": lambda p: p.languages["en"].mean,
    },
    "shifts": _about("shifts") | {
        "@timestamp": lambda s: s.detected_at,
        "news.language": lambda s: tuple(s.by_language),
        "news.publisher_family": lambda s: s.publishers,
        "news.sentence.raw": lambda s: s.evidence[0].sentence,
        "news.shift.id": lambda s: s.shift_id,
        "news.shift.state": lambda s: s.state,
        "news.shift.open": lambda s: s.state in ("opened", "strengthened"),
        "news.shift.direction": lambda s: s.direction,
        "news.shift.detected_at": lambda s: s.detected_at,
        "news.shift.before.mean": lambda s: s.before.mean,
        "news.shift.after.mean": lambda s: s.after.mean,
        "news.shift.delta": lambda s: s.after.mean - s.before.mean,
    },
    "feeds": {
        "news.publisher_family": lambda f: f.publisher,
        "news.feed.id": lambda f: f.feed_id,
        "news.feed.health": lambda f: f.health,
        "news.feed.detail": lambda f: f.detail,
        "news.feed.failures": lambda f: f.failures,
        "news.feed.interval_s": lambda f: f.interval_s,
        "news.feed.polled_at": lambda f: f.polled_at,
        "news.feed.failing_since": lambda f: f.failing_since,
        "news.feed.last_success_at": lambda f: f.last_success_at,
        "news.feed.last_new_item_at": lambda f: f.last_new_item_at,
    },
    "coverage": {
        "@timestamp": lambda c: c.hour,
        "news.publisher_family": lambda c: c.publisher,
        "news.coverage.heard": lambda c: c.heard,
    },
    "dead-letters": {
        "@timestamp": lambda d: d.failed_at,
        "error.type": lambda d: d.reason,
        "error.message": lambda d: d.error,
        "news.dead_letter.stage": lambda d: d.stage,
    },
}  # fmt: skip


def values(record: Stored, field: str, family: str) -> tuple[Any, ...]:
    """Return the values of a field of a record: none, one or several."""
    value = FIELDS[family][field](record)
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


def answers(layer: Layer, records: Iterable[Stored], span: Span, chosen: Sequence[Condition]) -> list[Answer]:
    """Return the rows of a layer."""
    family = layer.view.family
    mine = [record for record in records if type(record) is KINDS[family]]
    if layer.view.time:
        mine = [r for r in mine if span.since <= values(r, layer.view.time, family)[0] < span.until]
    mine = [r for r in mine if all(holds(one, r, family) for one in (*layer.where, *chosen))]
    return list(_rows(layer, mine, ()))


def holds(condition: Condition, record: Stored, family: str) -> bool:
    """Say whether a record fulfils a condition."""
    if isinstance(condition, Not):
        return not holds(condition.condition, record, family)
    found = values(record, condition.field, family)
    match condition:
        case Is():
            return condition.value in found
        case OneOf():
            return any(value in condition.values for value in found)
        case Has():
            return bool(found)
        case AtLeast():
            return any(value >= condition.number for value in found)


def _rows(layer: Layer, records: list[Stored], keys: tuple[Key, ...]) -> Iterable[Answer]:
    family = layer.view.family
    if len(keys) == len(layer.buckets):
        yield Answer(keys, tuple(number(metric, records, family) for metric in layer.metrics))
        return
    for key, members in _buckets(layer, layer.buckets[len(keys)], records):
        yield from _rows(layer, members, (*keys, key))


def _buckets(layer: Layer, bucket: Bucket, records: list[Stored]) -> list[tuple[Key, list[Stored]]]:
    family = layer.view.family
    members: dict[Key, list[Stored]] = defaultdict(list)
    for record in records:
        for key in _keys(layer, bucket, record):
            members[key].append(record)
    if isinstance(bucket, Days) or bucket.by is None:
        ordered = sorted(members.items())
    else:
        deciding, sign = layer.metrics[bucket.by], 1 if bucket.lowest else -1
        weights = {key: number(deciding, group, family) for key, group in members.items()}
        ordered = sorted(
            members.items(),
            key=lambda item: (math.inf if (w := weights[item[0]]) is None else sign * w, item[0]),
        )
    return ordered if isinstance(bucket, Days) else ordered[: bucket.size]


def _keys(layer: Layer, bucket: Bucket, record: Stored) -> set[Key]:
    if isinstance(bucket, Top):
        return set(values(record, bucket.field, layer.view.family))
    assert layer.view.time
    moment = values(record, layer.view.time, layer.view.family)[0]
    start = moment.replace(minute=0, second=0, microsecond=0)
    return {millis(start.replace(hour=0) if bucket.every == "1d" else start)}


def number(metric: Metric, records: Iterable[Stored], family: str) -> float | None:
    """Return a metric over records."""
    kept = [record for record in records if all(holds(one, record, family) for one in metric.where)]
    if metric.operation == "count":
        return len(kept)
    assert metric.field
    found = [_plain(value) for record in kept for value in values(record, metric.field, family)]
    match metric.operation:
        case "unique_count":
            return float(len(set(found)))
        case "sum":
            return float(sum(found))
        case _ if not found:
            return None
        case "average":
            return float(sum(found) / len(found))
        case "min":
            return float(min(found))
        case "max":
            return float(max(found))
        case "median":
            return percentile(found, 50)
        case "percentile":
            return percentile(found, metric.percentile)
    raise AssertionError(metric.operation)


def percentile(found: Sequence[float], percent: float) -> float:
    """Return a percentile by linear interpolation."""
    place = percent / 100 * (len(found) - 1)
    ordered = sorted(found)
    low, high = ordered[math.floor(place)], ordered[math.ceil(place)]
    return float(low + (high - low) * (place - math.floor(place)))


def _plain(value: Any) -> Any:
    return millis(value) if isinstance(value, datetime) else value


def millis(moment: datetime) -> int:
    """Return a time as milliseconds since 1970."""
    return (moment - EPOCH) // timedelta(milliseconds=1)
