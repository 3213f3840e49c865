"""A dashboard as Kibana's Dashboards API takes it (9.4 and newer): one JSON body for each PUT. Pure.

The keys are those of the server's schema, which refuses unknown ones. Nothing is left to a default that matters.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from deploy.dashboards.api_counts import (
    bucket_of,
    colour_of,
    colours_of,
    metric_of,
    query_of,
    scale_of,
    source_of,
)
from deploy.dashboards.model import Top, View
from deploy.dashboards.panels import (
    Chart,
    Control,
    Dashboard,
    Matrix,
    Number,
    Placed,
    Series,
    Table,
    Words,
    placed,
)
from deploy.dashboards.place import Place

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
    asked = {"query": query_of(panel.where)} if panel.where else {}
    if isinstance(panel, Number):
        metric = {"type": "primary"} | metric_of(panel.metric)
        return {
            "type": "metric",
            **about,
            **asked,
            "data_source": source_of(panel.view, place),
            "metrics": [metric],
        }
    titled = {"title": panel.title, **about, **asked}
    if isinstance(panel, Chart):
        return {"type": "xy", **titled, **_frame(panel), "layers": _layers(panel, place)}
    source = {"data_source": source_of(panel.view, place)}
    if isinstance(panel, Matrix):
        return {
            "type": "heatmap", **titled, **source,
            "x": bucket_of(panel.x, panel.view), "y": bucket_of(panel.y, panel.view),
            "metric": metric_of(panel.metric) | scale_of(panel.metric),
            "styling": {"cells": {"labels": {"visible": isinstance(panel.x, Top)}}},
            "legend": {"visibility": "hidden"},
        }  # fmt: skip
    return {
        "type": "data_table", **titled, **source,
        "rows": [bucket_of(one, panel.view) for one in panel.rows],
        "metrics": [metric_of(one) | scale_of(one, apply_color_to="background") for one in panel.metrics],
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
    source = source_of(chart.view, place)
    layers = [_layer(one, chart.view, source) for one in chart.series]
    if chart.zero:
        line = {"operation": "static_value", "value": 0, "label": "Zero", "stroke_dash": "dashed",
                "color": {"type": "static", "color": "#8b857a"}}  # fmt: skip
        layers.append({"type": "reference_lines", "data_source": source, "thresholds": [line]})
    if (marks := chart.marks) is not None:
        event = {
            "type": "query", "query": query_of(marks.where), "time_field": marks.time, "label": marks.label,
            "color": {"type": "static", "color": marks.colour}, "extra_fields": list(marks.shows),
            "text": {"visible": marks.text is not None} | ({"field": marks.text} if marks.text else {}),
        }  # fmt: skip
        layers.append({"type": "annotations", "data_source": source_of(marks.view, place), "events": [event]})
    return layers


def _layer(series: Series, view: View, source: Json) -> Json:
    layer: Json = {
        "type": series.kind,
        "data_source": source,
        "x": bucket_of(series.along, view),
        "y": [metric_of(one) | colour_of(one) for one in series.metrics],
    }
    if series.split is not None:
        layer["breakdown_by"] = bucket_of(series.split, view) | _first(series) | colours_of(series.split)
    return layer


def _first(series: Series) -> Json:
    """Count the split over the whole range: the same lines on every day."""
    return {"aggregate_first": True} if series.split_first else {}
