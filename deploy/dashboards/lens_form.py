"""A panel as the state of a Lens visualisation, the form that Kibana stores. Pure.

Layers are named l0, l1, …; their columns b0, b1, … (buckets, outermost first) and m0, m1, … (metrics).
Names of references are Kibana's own; a reference that is missing or left over breaks the panel without a word.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypeAlias

from deploy.dashboards.lens_columns import columns_of, query, zero_line
from deploy.dashboards.model import Top, View
from deploy.dashboards.panels import Chart, Matrix, Number, Series, Table
from deploy.dashboards.place import Place, title
from deploy.dashboards.words import SCORE_STEPS

Json: TypeAlias = dict[str, Any]  # Any: JSON
TYPES = {Number: "lnsMetric", Chart: "lnsXY", Matrix: "lnsHeatmap", Table: "lnsDatatable"}
ZERO, MARKS = "zero", "marks"  # the layers of a chart beside those that count


def lens(panel: Number | Chart | Matrix | Table, place: Place) -> Json:
    """Return the attributes of a Lens visualisation, by value, with its inner references."""
    layers = {f"l{place_}": columns_of(layer) for place_, layer in enumerate(panel.layers)}
    references = [
        _reference(f"indexpattern-datasource-layer-{name}", layer.view, place)
        for name, layer in zip(layers, panel.layers, strict=True)
    ]
    if isinstance(panel, Chart) and panel.zero:
        layers[ZERO] = zero_line()
        references.append(_reference(f"indexpattern-datasource-layer-{ZERO}", panel.view, place))
    if isinstance(panel, Chart) and panel.marks:
        references.append(_reference(f"xy-visualization-layer-{MARKS}", panel.marks.view, place))
    return {
        "title": title(panel),
        "description": panel.about,
        "type": "lens",
        "visualizationType": TYPES[type(panel)],
        "references": references,
        "state": {
            "visualization": _visualisation(panel),
            "query": query(panel.where),
            "filters": [],
            "datasourceStates": {"formBased": {"layers": layers}},
            "internalReferences": [],
            "adHocDataViews": {},
        },
    }


def _reference(name: str, view: View, place: Place) -> Json:
    return {"type": "index-pattern", "id": place.id(view.key), "name": name}


def _visualisation(panel: Number | Chart | Matrix | Table) -> Json:
    if isinstance(panel, Number):
        return {"layerId": "l0", "layerType": "data", "metricAccessor": "m0", "showBar": False}
    if isinstance(panel, Chart):
        return _xy(panel)
    if isinstance(panel, Matrix):
        return {
            "shape": "heatmap", "layerId": "l0", "layerType": "data", "valueAccessor": "m0", "xAccessor": "b1",
            "yAccessor": "b0", "legend": {"type": "heatmap_legend", "isVisible": False, "position": "right"},
            "gridConfig": {
                "type": "heatmap_grid", "isCellLabelVisible": isinstance(panel.x, Top),
                "isXAxisLabelVisible": True, "isYAxisLabelVisible": True,
                "isXAxisTitleVisible": False, "isYAxisTitleVisible": False,
            },
            **({"palette": _palette() | {"accessor": "m0"}} if panel.metric.scored else {}),
        }  # fmt: skip
    columns: list[Json] = [{"columnId": f"b{n}"} for n in range(len(panel.rows))]
    columns += [
        {"columnId": f"m{n}"} | ({"colorMode": "cell", "palette": _palette()} if metric.scored else {})
        for n, metric in enumerate(panel.metrics)
    ]
    paging = {"size": panel.page, "enabled": True}
    return {"layerId": "l0", "layerType": "data", "columns": columns, "paging": paging}


def _xy(chart: Chart) -> Json:
    layers = [_series(f"l{n}", one) for n, one in enumerate(chart.series)]
    if chart.zero:
        line = {"forAccessor": "m0", "axisMode": "left", "color": "#8b857a", "lineStyle": "dashed"}
        layers.append({"layerId": ZERO, "layerType": "referenceLine", "accessors": ["m0"], "yConfig": [line]})
    if chart.marks:
        layers.append(_marks(chart))
    bounds = chart.bounds
    full = {"mode": "full"}
    custom = {"mode": "custom", "lowerBound": bounds[0], "upperBound": bounds[1]} if bounds else full
    return {
        "preferredSeriesType": layers[0]["seriesType"],
        "layers": layers,
        "legend": {"isVisible": chart.legend, "position": "bottom"},
        **(
            {"fittingFunction": "Linear", "emphasizeFitting": True}
            if chart.zero
            else {"fittingFunction": "None"}
        ),
        "valueLabels": "hide",
        "yLeftExtent": custom,
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
    }


def _series(name: str, series: Series) -> Json:
    x, split = ("b1", "b0") if series.split_first else ("b0", "b1")
    coloured = [
        {"forAccessor": f"m{n}", "color": metric.colour}
        for n, metric in enumerate(series.metrics)
        if metric.colour
    ]
    return {
        "layerId": name, "layerType": "data", "seriesType": series.kind,
        "xAccessor": x, **({"splitAccessor": split} if series.split else {}),
        "accessors": [f"m{n}" for n in range(len(series.metrics))],
        **({"yConfig": coloured} if coloured else {}),
        **({"colorMapping": _mapping(series.split)} if series.split and series.split.colours else {}),
    }  # fmt: skip


def _marks(chart: Chart) -> Json:
    marks = chart.marks
    assert marks is not None
    event = {
        "type": "query", "id": "shifts", "key": {"type": "point_in_time"}, "timeField": marks.time,
        "filter": {"type": "kibana_query"} | query(marks.where), "label": marks.label, "color": marks.colour,
        "extraFields": list(marks.shows), "textVisibility": marks.text is not None, "isHidden": False,
        **({"textField": marks.text} if marks.text else {}),
    }  # fmt: skip
    return {
        "layerId": MARKS, "layerType": "annotations", "ignoreGlobalFilters": False, "persistanceType": "byValue",
        "annotations": [event],
    }  # fmt: skip


def _mapping(split: Top) -> Json:
    return {
        "assignments": [
            {
                "rule": {"type": "matchExactly", "values": [value]},
                "color": {"type": "colorCode", "colorCode": colour},
                "touched": True,
            }
            for value, colour in split.colours.items()
        ],
        "specialAssignments": [{"rule": {"type": "other"}, "color": {"type": "loop"}, "touched": False}],
        "paletteId": "default",
        "colorMode": {"type": "categorical"},
    }


def _palette() -> Json:
    """Return the colours of a score; stops are upper edges, colour stops lower ones."""
    ends = [*(edge for edge, _ in SCORE_STEPS), 1.0]
    steps = [
        (low, high, colour) for (low, high), (_, colour) in zip(pairwise(ends), SCORE_STEPS, strict=True)
    ]
    return {
        "type": "palette",
        "name": "custom",
        "params": {
            "name": "custom", "reverse": False, "rangeType": "number", "rangeMin": -1, "rangeMax": 1,
            "progression": "fixed", "continuity": "none", "steps": len(steps), "maxSteps": len(steps),
            "stops": [{"color": colour, "stop": high} for _, high, colour in steps],
            "colorStops": [{"color": colour, "stop": low} for low, _, colour in steps],
        },
    }  # fmt: skip
