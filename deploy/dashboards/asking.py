"""The search behind a panel's layer, as Kibana sends it, and its answer as rows. Pure.

Tests run it on a real engine and compare the numbers; the preview draws it. Kibana builds the same from its own
form of the layer: nested buckets in the order of the columns, each metric inside, a filtered metric in a filter.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from deploy.dashboards.conditions import Condition, Is
from deploy.dashboards.model import Bucket, Days, Layer, Metric, Top
from deploy.dashboards.panels import Chart, Marks
from riftwatch.clock import iso

Json: TypeAlias = dict[str, Any]  # Any: JSON
Key: TypeAlias = str | int  # a term, or the start of a day in milliseconds since 1970
MOST_MARKS = 500  # on one chart
OURS = Is("event.module", "riftwatch")  # the filter that stands on every dashboard


@dataclass(frozen=True, slots=True)
class Span:
    """A range of time: `since` is included, `until` is not."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """One row: the keys of its buckets, outermost first, and its metrics; None where there is no value."""

    keys: tuple[Key, ...]
    values: tuple[float | None, ...]


def body(layer: Layer, span: Span, chosen: Sequence[Condition] = ()) -> Json:
    """Return the search of a layer over a range of time, with what is chosen in the controls."""
    filters = [condition.dsl for condition in (OURS, *layer.where, *chosen)]
    if layer.view.time:
        during = {"gte": iso(span.since), "lt": iso(span.until)}
        filters.append({"range": {layer.view.time: during}})
    return {
        "size": 0,
        "track_total_hits": True,
        "query": {"bool": {"filter": filters}},
        "aggs": _nest(layer, 0),
    }


def rows(layer: Layer, answer: Mapping[str, Any]) -> list[Answer]:  # Any: JSON
    """Read the engine's answer; buckets without a document are left out."""
    total = {"doc_count": answer["hits"]["total"]["value"]} | answer.get("aggregations", {})
    return list(_rows(layer, total, ()))


def marks_body(chart: Chart, marks: Marks, span: Span, chosen: Sequence[Condition] = ()) -> Json:
    """Return the search of a chart's marks; the chart's own conditions hold for them, too."""
    during = {"range": {marks.time: {"gte": iso(span.since), "lt": iso(span.until)}}}
    filters = [condition.dsl for condition in (OURS, *chart.where, *marks.where, *chosen)]
    shown = [marks.time, *marks.shows, *((marks.text,) if marks.text else ())]
    return {
        "size": MOST_MARKS, "query": {"bool": {"filter": [*filters, during]}}, "sort": [{marks.time: "asc"}],
        "_source": False, "fields": [{"field": name} for name in dict.fromkeys(shown)],
    }  # fmt: skip


def moments(marks: Marks, answer: Mapping[str, Any]) -> list[tuple[datetime, str]]:  # Any: JSON
    """Read the marks, earliest first: when, and what stands beside the line."""
    found = [hit["fields"] for hit in answer["hits"]["hits"]]
    texts = (one.get(marks.text, [""])[0] if marks.text else marks.label for one in found)
    return [
        (datetime.fromisoformat(one[marks.time][0]), text) for one, text in zip(found, texts, strict=True)
    ]


def _nest(layer: Layer, depth: int) -> Json:
    if depth == len(layer.buckets):
        return {
            f"m{n}": aggregation
            for n, metric in enumerate(layer.metrics)
            if (aggregation := _metric(metric)) is not None
        }
    inner = _nest(layer, depth + 1)
    bucket = layer.buckets[depth]
    if isinstance(bucket, Top) and bucket.by is not None:  # what decides must be counted in this bucket too
        deciding = _metric(layer.metrics[bucket.by])
        inner |= {} if deciding is None else {f"m{bucket.by}": deciding}
    return {"b": _bucket(bucket, layer) | ({"aggs": inner} if inner else {})}


def _bucket(bucket: Bucket, layer: Layer) -> Json:
    if isinstance(bucket, Days):
        histogram = {"field": layer.view.time, "calendar_interval": bucket.every, "time_zone": "UTC"}
        return {"date_histogram": histogram | {"min_doc_count": 0}}
    order: Json = {"_key": "asc"}
    if bucket.by is not None:
        path = "_count" if _metric(layer.metrics[bucket.by]) is None else f"m{bucket.by}"
        order = {path: "asc" if bucket.lowest else "desc"}
    return {"terms": {"field": bucket.field, "size": bucket.size, "order": order}}


def _metric(metric: Metric) -> Json | None:
    """Return the aggregation of a metric; None for the plain count, which every bucket has."""
    aggregation = _plain(metric)
    if not metric.where:
        return aggregation
    inner = {} if aggregation is None else {"aggs": {"m": aggregation}}
    return {"filter": {"bool": {"filter": [condition.dsl for condition in metric.where]}}} | inner


def _plain(metric: Metric) -> Json | None:
    field = {"field": metric.field}
    match metric.operation:
        case "count":
            return None
        case "unique_count":
            return {"cardinality": field}
        case "average":
            return {"avg": field}
        case "median" | "percentile":
            percent = 50 if metric.operation == "median" else metric.percentile
            return {"percentiles": field | {"percents": [percent], "keyed": False}}
        case plain:
            return {plain: field}


def _rows(layer: Layer, found: Mapping[str, Any], keys: tuple[Key, ...]) -> Iterator[Answer]:
    if len(keys) == len(layer.buckets):
        yield Answer(keys, tuple(_value(metric, found, n) for n, metric in enumerate(layer.metrics)))
        return
    for bucket in found["b"]["buckets"]:
        if bucket["doc_count"]:
            yield from _rows(layer, bucket, (*keys, bucket["key"]))


def _value(metric: Metric, bucket: Mapping[str, Any], place: int) -> float | None:
    found: Mapping[str, Any] = (
        bucket if metric.operation == "count" and not metric.where else bucket[f"m{place}"]
    )
    if metric.where and metric.operation != "count":
        found = found["m"]
    if metric.operation == "count":
        return int(found["doc_count"])
    if metric.operation in ("median", "percentile"):
        value = found["values"][0]["value"]
        return None if value is None or value != value else float(value)  # noqa: PLR0124  # NaN of nothing
    return None if found["value"] is None else float(found["value"])
