"""Buckets, metrics, conditions and colours as the Dashboards API takes them. Pure."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypeAlias

from deploy.dashboards.conditions import Condition, kql
from deploy.dashboards.model import Bucket, Days, Metric, Top, View
from deploy.dashboards.place import Place
from deploy.dashboards.words import SCORE_STEPS

Json: TypeAlias = dict[str, Any]  # Any: JSON


def bucket_of(bucket: Bucket, view: View) -> Json:
    """Return a bucket."""
    if isinstance(bucket, Days):
        return {
            "operation": "date_histogram", "field": view.time, "label": bucket.label,
            "suggested_interval": bucket.every, "include_empty_rows": True,
        }  # fmt: skip
    rank: Json = {"type": "alphabetical", "direction": "asc"}
    if bucket.by is not None:
        rank = {"type": "metric", "metric_index": bucket.by, "direction": "asc" if bucket.lowest else "desc"}
    return {
        "operation": "terms", "fields": [bucket.field], "label": bucket.label, "limit": bucket.size, "rank_by": rank,
    }  # fmt: skip


def metric_of(metric: Metric) -> Json:
    """Return a metric."""
    result: Json = {"operation": metric.operation, "label": metric.label}
    if metric.field is not None:
        result["field"] = metric.field
    if metric.operation == "percentile":
        result["percentile"] = metric.percentile
    if metric.where:
        result["filter"] = query_of(metric.where)
    if metric.format == "signed":
        result["format"] = {"type": "custom", "pattern": "+0.00"}
    elif metric.format == "number":
        result["format"] = {"type": "number", "decimals": metric.decimals}
    return result


def colour_of(metric: Metric) -> Json:
    """Return the colour of a metric, if it has one of its own."""
    return {"color": {"type": "static", "color": metric.colour}} if metric.colour else {}


def colours_of(split: Top) -> Json:
    """Return the colours of a split, if its values have their own."""
    if not split.colours:
        return {}
    mapping = [
        {"values": [value], "color": {"type": "color_code", "value": colour}}
        for value, colour in split.colours.items()
    ]
    return {"color": {"mode": "categorical", "palette": "default", "mapping": mapping}}


def scale_of(metric: Metric, **more: str) -> Json:
    """Return the colours of a score; a count keeps Kibana's own."""
    if not metric.scored:
        return {}
    ends = [*(edge for edge, _ in SCORE_STEPS), 1.0]
    steps: list[Json] = [
        {"gte": low, "lt": high, "color": colour}
        for (low, high), (_, colour) in zip(pairwise(ends), SCORE_STEPS, strict=True)
    ]
    steps[-1]["lte"] = steps[-1].pop("lt")
    return {"color": {"type": "dynamic", "range": "absolute", "steps": steps}, **more}


def query_of(conditions: tuple[Condition, ...]) -> Json:
    """Return conditions."""
    return {"expression": kql(conditions), "language": "kql"}


def source_of(view: View, place: Place) -> Json:
    """Return the data view."""
    return {"type": "data_view_reference", "ref_id": place.id(view.key)}
