"""A dashboard as Kibana's Dashboards API takes it (9.4 and newer): one JSON body for each PUT. Pure.

The keys are those of the server's schema, which refuses unknown ones. Nothing is left to a default that matters.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypeAlias

from deploy.dashboards.conditions import Condition, kql
from deploy.dashboards.model import (
    Bucket,
    Chart,
    Control,
    Dashboard,
    Days,
    Matrix,
    Metric,
    Number,
    Placed,
    Series,
    Table,
    Top,
    View,
    Words,
    placed,
)
from deploy.dashboards.place import Place
from deploy.dashboards.words import SCORE_STEPS

Json: TypeAlias = dict[str, Any]  # Any: JSON


def dashboard(board: Dashboard, place: Place, boards: tuple[Dashboard, ...]) -> Json:
    """Return the body that makes a dashboard, or replaces it whole."""
    return {
        "title": board.title,
        "description": board.answers,
        "time_range": {"from": board.since, "to": "now"},
        "refresh_interval": {"pause": not board.refresh_s, "value": board.refresh_s * 1000},
        "options": {"use_margins": True, "sync_cursor": True, "sync_tooltips": False, "sync_colors": False},
        "filters": [
            {"type": "condition", "condition": {"field": "event.module", "operator": "is", "value": "riftwatch"}}
        ],
        "pinned_panels": [_control(place.chosen(one), place) for one in board.controls],
        "panels": [_panel(one, board, place, boards) for one in placed(board)],
    }  # fmt: skip


def _control(control: Control, place: Place) -> Json:
    return {
        "type": "options_list_control", "width": "medium", "grow": True,
        "config": {
            "title": control.title, "data_view_id": place.id(control.view.key), "field_name": control.field,
            "single_select": control.single, "selected_options": list(control.chosen),
        },
    }  # fmt: skip


def _panel(one: Placed, board: Dashboard, place: Place, boards: tuple[Dashboard, ...]) -> Json:
    panel = one.panel
    head = {"id": panel.key, "grid": {"x": one.x, "y": one.y, "w": one.w, "h": one.h}}
    if isinstance(panel, Words):
        content = place.text(panel, board, boards)
        config: Json = {"content": content, "settings": {"open_links_in_new_tab": False}}
        return head | {"type": "markdown", "config": config}
    return head | {"type": "vis", "config": _vis(panel, place)}


def _vis(panel: Number | Chart | Matrix | Table, place: Place) -> Json:
    about = {"description": panel.about} if panel.about else {}
    asked = {"query": _query(panel.where)} if panel.where else {}
    if isinstance(panel, Number):
        metric = {"type": "primary"} | _metric(panel.metric)
        return {
            "type": "metric",
            **about,
            **asked,
            "data_source": _source(panel.view, place),
            "metrics": [metric],
        }
    titled = {"title": panel.title, **about, **asked}
    if isinstance(panel, Chart):
        return {"type": "xy", **titled, **_frame(panel), "layers": _layers(panel, place)}
    source = {"data_source": _source(panel.view, place)}
    if isinstance(panel, Matrix):
        return {
            "type": "heatmap", **titled, **source,
            "x": _bucket(panel.x, panel.view), "y": _bucket(panel.y, panel.view),
            "metric": _metric(panel.metric) | _scale(panel.metric),
            "styling": {"cells": {"labels": {"visible": isinstance(panel.x, Top)}}},
            "legend": {"visibility": "hidden"},
        }  # fmt: skip
    return {
        "type": "data_table", **titled, **source,
        "rows": [_bucket(one, panel.view) for one in panel.rows],
        "metrics": [_metric(one) | _scale(one, apply_color_to="background") for one in panel.metrics],
        "styling": {"paging": panel.page},
    }  # fmt: skip


def _frame(chart: Chart) -> Json:
    hidden = {"title": {"visible": False}}
    bounds = chart.bounds
    custom = {"domain": {"type": "custom", "min": bounds[0], "max": bounds[1]}} if bounds else {}
    legend = {"visibility": "visible", "position": "bottom"} if chart.legend else {"visibility": "hidden"}
    # A day without a value is a gap; between scores it is bridged by dots, which say that nothing is known.
    fitting = {"type": "linear", "emphasize": True} if chart.zero else {"type": "none"}
    return {"axis": {"x": hidden, "y": hidden | custom}, "legend": legend, "styling": {"fitting": fitting}}


def _layers(chart: Chart, place: Place) -> list[Json]:
    source = _source(chart.view, place)
    layers = [_layer(one, chart.view, source) for one in chart.series]
    if chart.zero:
        line = {"operation": "static_value", "value": 0, "label": "Zero", "stroke_dash": "dashed",
                "color": {"type": "static", "color": "#8b857a"}}  # fmt: skip
        layers.append({"type": "reference_lines", "data_source": source, "thresholds": [line]})
    if (marks := chart.marks) is not None:
        event = {
            "type": "query", "query": _query(marks.where), "time_field": marks.time, "label": marks.label,
            "color": {"type": "static", "color": marks.colour}, "extra_fields": list(marks.shows),
            "text": {"visible": marks.text is not None} | ({"field": marks.text} if marks.text else {}),
        }  # fmt: skip
        layers.append({"type": "annotations", "data_source": _source(marks.view, place), "events": [event]})
    return layers


def _layer(series: Series, view: View, source: Json) -> Json:
    layer: Json = {
        "type": series.kind,
        "data_source": source,
        "x": _bucket(series.along, view),
        "y": [_metric(one) | _colour(one) for one in series.metrics],
    }
    if series.split is not None:
        layer["breakdown_by"] = _bucket(series.split, view) | _first(series) | _colours(series.split)
    return layer


def _first(series: Series) -> Json:
    """Count the split over the whole range: the same lines on every day."""
    return {"aggregate_first": True} if series.split_first else {}


def _bucket(bucket: Bucket, view: View) -> Json:
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


def _metric(metric: Metric) -> Json:
    result: Json = {"operation": metric.operation, "label": metric.label}
    if metric.field is not None:
        result["field"] = metric.field
    if metric.operation == "percentile":
        result["percentile"] = metric.percentile
    if metric.where:
        result["filter"] = _query(metric.where)
    if metric.format == "signed":
        result["format"] = {"type": "custom", "pattern": "+0.00"}
    elif metric.format == "number":
        result["format"] = {"type": "number", "decimals": metric.decimals}
    return result


def _colour(metric: Metric) -> Json:
    return {"color": {"type": "static", "color": metric.colour}} if metric.colour else {}


def _colours(split: Top) -> Json:
    if not split.colours:
        return {}
    mapping = [
        {"values": [value], "color": {"type": "color_code", "value": colour}}
        for value, colour in split.colours.items()
    ]
    return {"color": {"mode": "categorical", "palette": "default", "mapping": mapping}}


def _scale(metric: Metric, **more: str) -> Json:
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


def _query(conditions: tuple[Condition, ...]) -> Json:
    return {"expression": kql(conditions), "language": "kql"}


def _source(view: View, place: Place) -> Json:
    return {"type": "data_view_reference", "ref_id": place.id(view.key)}
