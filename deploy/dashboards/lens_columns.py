"""A layer as the columns of a Lens data source: buckets b0, b1, … from the outermost inwards, then metrics m0, m1, …. Pure."""

from __future__ import annotations

from typing import Any, TypeAlias

from deploy.dashboards.conditions import Condition, kql
from deploy.dashboards.model import Bucket, Days, Layer, Metric, View

Json: TypeAlias = dict[str, Any]  # Any: JSON


def query(conditions: tuple[Condition, ...]) -> Json:
    """Return conditions as Lens keeps them."""
    return {"query": kql(conditions), "language": "kuery"}


def columns_of(layer: Layer) -> Json:
    """Return the data of a layer."""
    columns = {f"b{n}": _bucket(bucket, layer.view) for n, bucket in enumerate(layer.buckets)}
    columns |= {f"m{n}": _metric(metric) for n, metric in enumerate(layer.metrics)}
    return {"columns": columns, "columnOrder": list(columns), "incompleteColumns": {}, "sampling": 1}


def _bucket(bucket: Bucket, view: View) -> Json:
    column: Json = {"label": bucket.label, "customLabel": True, "isBucketed": True}
    if isinstance(bucket, Days):
        return column | {
            "operationType": "date_histogram", "sourceField": view.time, "dataType": "date", "scale": "interval",
            "params": {"interval": bucket.every, "includeEmptyRows": True, "dropPartials": False},
        }  # fmt: skip
    order: Json = {"type": "alphabetical", "fallback": False}
    if bucket.by is not None:
        order = {"type": "column", "columnId": f"m{bucket.by}"}
    return column | {
        "operationType": "terms", "sourceField": bucket.field, "dataType": "string", "scale": "ordinal",
        "params": {
            "size": bucket.size, "orderBy": order,
            "orderDirection": "asc" if bucket.by is None or bucket.lowest else "desc",
            "otherBucket": False, "missingBucket": False, "parentFormat": {"id": "terms"},
            "include": [], "exclude": [], "includeIsRegex": False, "excludeIsRegex": False,
        },
    }  # fmt: skip


def _metric(metric: Metric) -> Json:
    column: Json = {
        "label": metric.label, "customLabel": True, "isBucketed": False, "scale": "ratio",
        "dataType": "date" if metric.format == "date" else "number", "operationType": metric.operation,
        "sourceField": metric.field or "___records___", "params": _params(metric),
    }  # fmt: skip
    if metric.where:
        column["filter"] = query(metric.where)
    return column


def _params(metric: Metric) -> Json:
    params: Json = {}
    if metric.operation in ("count", "sum", "unique_count"):
        params["emptyAsNull"] = False
    if metric.operation == "percentile":
        params["percentile"] = metric.percentile
    if metric.format == "signed":
        params["format"] = {"id": "custom", "params": {"pattern": "+0.00", "decimals": 2}}
    elif metric.format == "number":
        params["format"] = {"id": "number", "params": {"decimals": metric.decimals}}
    return params


def zero_line() -> Json:
    """Return the data of a line at zero."""
    column = {
        "label": "Zero", "customLabel": True, "isBucketed": False, "isStaticValue": True, "scale": "ratio",
        "dataType": "number", "operationType": "static_value", "references": [], "params": {"value": "0"},
    }  # fmt: skip
    return {"columns": {"m0": column}, "columnOrder": ["m0"], "incompleteColumns": {}, "sampling": 1}
