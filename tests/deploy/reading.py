"""Reads Kibana's two forms back into layers, to compare them with what was written: the emitters' counter-check.

What a form cannot tell (a percentile's default, what a count's field is) is not read.
"""

from __future__ import annotations

import json
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]  # Any: JSON
# One question as both forms tell it: data view, condition, buckets, metrics.
Question: TypeAlias = tuple[str, str, tuple[Any, ...], tuple[Any, ...]]


def questions_of_api(config: Json) -> list[Question]:
    """Return the questions of a `vis` panel of the Dashboards API."""
    asked = config.get("query", {}).get("expression", "")
    if config["type"] == "xy":
        return [
            (
                layer["data_source"]["ref_id"], asked,
                _api_buckets(layer),
                tuple(_api_metric(one) for one in layer["y"]),
            )
            for layer in config["layers"]
            if layer["type"] not in ("reference_lines", "annotations")
        ]  # fmt: skip
    buckets = {"metric": [], "heatmap": ["y", "x"], "data_table": []}[config["type"]]
    rows = [config[name] for name in buckets] or config.get("rows", [])
    metrics = [config["metric"]] if config["type"] == "heatmap" else config["metrics"]
    view = config["data_source"]["ref_id"]
    return [(view, asked, tuple(map(_api_bucket, rows)), tuple(map(_api_metric, metrics)))]


def _api_buckets(layer: Json) -> tuple[Any, ...]:  # Any: a tuple of what tells each bucket
    """Outermost first: a split stands inside the x axis unless it is to come first."""
    split = layer.get("breakdown_by")
    both = (
        [layer["x"]]
        if split is None
        else [split, layer["x"]]
        if split.get("aggregate_first")
        else [layer["x"], split]
    )
    return tuple(map(_api_bucket, both))


def _api_bucket(bucket: Json) -> Any:  # Any: a tuple of what tells the bucket
    if bucket["operation"] == "date_histogram":
        return ("days", bucket["field"], bucket["suggested_interval"], bucket["label"])
    rank = bucket["rank_by"]
    return (
        "top",
        bucket["fields"][0],
        bucket["limit"],
        rank.get("metric_index"),
        rank["direction"],
        bucket["label"],
    )


def _api_metric(metric: Json) -> Any:  # Any: as above
    asked = metric.get("filter", {}).get("expression", "")
    return (metric["operation"], metric.get("field"), metric.get("percentile"), asked, metric["label"])


def questions_of_lens(attributes: Json) -> list[Question]:
    """Return the questions of a Lens visualisation, as its columns and their order tell them."""
    views = {
        one["name"].removeprefix("indexpattern-datasource-layer-"): one["id"]
        for one in attributes["references"]
    }
    state = attributes["state"]
    found = []
    for name, layer in state["datasourceStates"]["formBased"]["layers"].items():
        columns = [layer["columns"][column] for column in layer["columnOrder"]]
        if any(column["operationType"] == "static_value" for column in columns):
            continue
        buckets = tuple(_lens_bucket(one) for one in columns if one["isBucketed"])
        metrics = tuple(_lens_metric(one) for one in columns if not one["isBucketed"])
        found.append((views[name], state["query"]["query"], buckets, metrics))
    return found


def _lens_bucket(column: Json) -> Any:  # Any: as above
    params = column["params"]
    if column["operationType"] == "date_histogram":
        return ("days", column["sourceField"], params["interval"], column["label"])
    order = params["orderBy"].get("columnId")
    by = None if order is None else int(order.removeprefix("m"))
    return ("top", column["sourceField"], params["size"], by, params["orderDirection"], column["label"])


def _lens_metric(column: Json) -> Any:  # Any: as above
    field = None if column["sourceField"] == "___records___" else column["sourceField"]
    asked = column.get("filter", {}).get("query", "")
    return (column["operationType"], field, column["params"].get("percentile"), asked, column["label"])


def decoded(saved: Json) -> Json:
    """Return a saved object as imported with its strings of JSON decoded; raises ValueError where one is not JSON."""
    attributes = dict(saved["attributes"])
    for name, value in attributes.items():
        if name.endswith("JSON") or name in (
            "fields",
            "runtimeFieldMap",
            "fieldFormatMap",
            "fieldAttrs",
            "sourceFilters",
        ):
            attributes[name] = json.loads(value)
        elif name in ("kibanaSavedObjectMeta", "controlGroupInput"):
            attributes[name] = {
                key: json.loads(inner) if key.endswith("JSON") else inner for key, inner in value.items()
            }
    return saved | {"attributes": attributes}
