"""What Kibana accepts, written down by us as JSON Schema: every object is closed, an unknown key is an error.

`API` is a body of the Dashboards API (9.4 and newer), `DATA_VIEW` one of the data views API, `SAVED` a saved object
as it is imported into 9.0 to 9.3 with its strings of JSON decoded. Only what our panels are made of is in here;
the values allowed are those of the server's own schemas, also where we use fewer.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Schema: TypeAlias = dict[str, Any]  # Any: JSON Schema

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
NUMBER: Schema = {"type": "number"}
WHOLE: Schema = {"type": "integer", "minimum": 0}
COLOUR: Schema = {"type": "string", "pattern": "^#[0-9a-f]{6}$"}


def closed(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return {
        "type": "object", "properties": required | (optional or {}), "required": list(required),
        "additionalProperties": False,
    }  # fmt: skip


def some(item: Schema, least: int = 0, most: int = 1000) -> Schema:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def one_of(*values: str | float) -> Schema:
    return {"enum": list(values)}


def map_of(value: Schema) -> Schema:
    return {"type": "object", "additionalProperties": value}


# --- Dashboards API ---------------------------------------------------------------------------------

QUERY = closed({"expression": TEXT, "language": one_of("kql", "lucene")})
SOURCE = closed({"type": one_of("data_view_reference"), "ref_id": NAME})
STATIC = closed({"type": one_of("static"), "color": COLOUR})
STEP = closed({"color": COLOUR}, {"gte": NUMBER, "lt": NUMBER, "lte": NUMBER})
DYNAMIC = closed(
    {"type": one_of("dynamic"), "range": one_of("absolute", "percentage"), "steps": some(STEP, 1, 100)}
)
CODE = closed({"type": one_of("color_code"), "value": COLOUR})
MAPPING = closed(
    {
        "mode": one_of("categorical"), "palette": NAME,
        "mapping": some(closed({"values": some(TEXT, 1), "color": CODE})),
    },
    {"unassigned": CODE},
)  # fmt: skip
FORMAT: Schema = {
    "oneOf": [
        closed({"type": one_of("number", "percent")}, {"decimals": WHOLE, "suffix": TEXT, "compact": FLAG}),
        closed({"type": one_of("custom"), "pattern": NAME}),
    ]
}
DAYS = closed(
    {"operation": one_of("date_histogram"), "field": NAME},
    {
        "label": TEXT, "suggested_interval": TEXT, "include_empty_rows": FLAG, "use_original_time_range": FLAG,
        "drop_partial_intervals": FLAG,
    },
)  # fmt: skip
RANK: Schema = {
    "oneOf": [
        closed({"type": one_of("alphabetical"), "direction": one_of("asc", "desc")}),
        closed({"type": one_of("metric"), "metric_index": WHOLE, "direction": one_of("asc", "desc")}),
    ]
}
TERMS = closed(
    {"operation": one_of("terms"), "fields": some(NAME, 1, 4), "limit": {"type": "integer", "minimum": 1, "maximum": 1000}},
    {"label": TEXT, "rank_by": RANK, "format": FORMAT},
)  # fmt: skip


def _bucket(**more: Schema) -> Schema:
    return {"oneOf": [_with(DAYS, more), _with(TERMS, more)]}


def _with(schema: Schema, more: dict[str, Schema], required: tuple[str, ...] = ()) -> Schema:
    return schema | {
        "properties": schema["properties"] | more,
        "required": [*schema["required"], *required],
    }


def _metric(required: tuple[str, ...] = (), **more: Schema) -> Schema:
    shared = {"label": TEXT, "format": FORMAT, "filter": QUERY}
    field = {"field": NAME}
    return {
        "oneOf": [
            _with(closed({"operation": one_of("count")}, shared | field | {"empty_as_null": FLAG}), more, required),
            _with(
                closed({"operation": one_of("unique_count", "sum"), **field}, shared | {"empty_as_null": FLAG}),
                more, required,
            ),
            _with(
                closed({"operation": one_of("min", "max", "average", "median", "standard_deviation"), **field}, shared),
                more, required,
            ),
            _with(
                closed({"operation": one_of("percentile"), **field, "percentile": NUMBER}, shared), more, required
            ),
        ]
    }  # fmt: skip


SHARED: dict[str, Schema] = {
    "title": TEXT,
    "description": TEXT,
    "hide_title": FLAG,
    "hide_border": FLAG,
    "query": QUERY,
}
SHOWN = closed({"visible": FLAG})
TITLE = closed({"visible": FLAG}, {"text": TEXT})
DOMAIN: Schema = {
    "oneOf": [
        closed({"type": one_of("full", "fit")}, {"rounding": FLAG}),
        closed({"type": one_of("custom"), "min": NUMBER, "max": NUMBER}, {"rounding": FLAG}),
    ]
}
X_AXIS = closed({}, {"title": TITLE, "ticks": SHOWN, "grid": SHOWN})
Y_AXIS = closed(
    {},
    {
        "title": TITLE,
        "ticks": SHOWN,
        "grid": SHOWN,
        "domain": DOMAIN,
        "scale": one_of("linear", "log", "sqrt"),
    },
)
DATA_LAYER = closed(
    {
        "type": one_of(
            "area", "area_percentage", "area_stacked", "bar", "bar_horizontal", "bar_horizontal_stacked",
            "bar_horizontal_percentage", "bar_percentage", "bar_stacked", "line",
        ),
        "data_source": SOURCE,
        "y": some(_metric(color=STATIC, axis=one_of("y", "y2")), 1, 100),
    },
    {"x": _bucket(), "breakdown_by": _bucket(aggregate_first=FLAG, color=MAPPING), "ignore_global_filters": FLAG},
)  # fmt: skip
REFERENCE_LAYER = closed({
    "type": one_of("reference_lines"), "data_source": SOURCE,
    "thresholds": some(closed(
        {"operation": one_of("static_value"), "value": NUMBER},
        {"label": TEXT, "color": STATIC, "stroke_dash": one_of("solid", "dashed", "dotted"), "stroke_width": NUMBER},
    ), 1, 100),
})  # fmt: skip
ANNOTATIONS_LAYER = closed({
    "type": one_of("annotations"), "data_source": SOURCE,
    "events": some(closed(
        {"type": one_of("query"), "query": QUERY, "time_field": NAME},
        {
            "label": TEXT, "color": STATIC, "extra_fields": some(NAME, 0, 100), "visible": FLAG,
            "text": closed({"visible": FLAG}, {"field": NAME}),
        },
    ), 1, 100),
})  # fmt: skip
LEGEND = closed(
    {},
    {"visibility": one_of("auto", "visible", "hidden"), "position": one_of("top", "bottom", "left", "right")},
)
VIS: dict[str, Schema] = {
    "metric": closed(
        {"type": one_of("metric"), "data_source": SOURCE, "metrics": some(_metric(("type",), type=one_of("primary")), 1, 2)},
        SHARED,
    ),
    "xy": closed(
        {"type": one_of("xy"), "layers": some({"oneOf": [DATA_LAYER, REFERENCE_LAYER, ANNOTATIONS_LAYER]}, 1, 100)},
        SHARED | {
            "axis": closed({}, {"x": X_AXIS, "y": Y_AXIS, "y2": Y_AXIS}), "legend": LEGEND,
            "styling": closed({}, {"fitting": closed({"type": one_of("none", "zero", "linear", "carry", "nearest")}, {"emphasize": FLAG})}),
        },
    ),
    "heatmap": closed(
        {"type": one_of("heatmap"), "data_source": SOURCE, "x": _bucket(), "metric": _metric(color=DYNAMIC)},
        SHARED | {
            "y": _bucket(), "legend": closed({}, {"visibility": one_of("visible", "hidden")}),
            "styling": closed({}, {"cells": closed({}, {"labels": SHOWN})}),
        },
    ),
    "data_table": closed(
        {
            "type": one_of("data_table"), "data_source": SOURCE,
            "metrics": some(_metric(color=DYNAMIC, apply_color_to=one_of("value", "background", "badge")), 1),
        },
        SHARED | {
            "rows": some(_bucket(), 1, 50), "split_metrics_by": some(_bucket(), 1, 20),
            "styling": closed({}, {"paging": one_of(10, 20, 30, 50, 100)}),
        },
    ),
}  # fmt: skip
GRID = closed({
    "x": {"type": "integer", "minimum": 0, "maximum": 47}, "y": WHOLE,
    "w": {"type": "integer", "minimum": 1, "maximum": 48}, "h": {"type": "integer", "minimum": 1},
})  # fmt: skip
VIS_PANEL = closed({"id": NAME, "type": one_of("vis"), "grid": GRID, "config": {"oneOf": list(VIS.values())}})
MARKDOWN_PANEL = closed({
    "id": NAME, "type": one_of("markdown"), "grid": GRID,
    "config": closed(
        {"content": NAME, "settings": closed({}, {"open_links_in_new_tab": FLAG})}, {"title": TEXT, "hide_title": FLAG}
    ),
})  # fmt: skip
CONTROL = closed({
    "type": one_of("options_list_control"), "width": one_of("small", "medium", "large"), "grow": FLAG,
    "config": closed({"data_view_id": NAME, "field_name": NAME}, {
        "title": TEXT, "single_select": FLAG, "selected_options": some(TEXT), "exclude": FLAG, "exists_selected": FLAG,
        "search_technique": one_of("prefix", "wildcard", "exact"), "use_global_filters": FLAG, "ignore_validations": FLAG,
    }),
})  # fmt: skip
CONDITION = closed({
    "type": one_of("condition"), "condition": closed({"field": NAME, "operator": one_of("is"), "value": TEXT}),
})  # fmt: skip
API = closed(
    {"title": NAME},
    {
        "description": TEXT, "panels": some({"oneOf": [VIS_PANEL, MARKDOWN_PANEL]}), "pinned_panels": some(CONTROL, 0, 100),
        "filters": some(CONDITION, 0, 500), "time_range": closed({"from": NAME, "to": NAME}),
        "refresh_interval": closed({"pause": FLAG, "value": WHOLE}), "tags": some(NAME, 0, 100), "query": QUERY,
        "options": closed({}, dict.fromkeys(("auto_apply_filters", "hide_panel_titles", "hide_panel_borders", "use_margins", "sync_colors", "sync_tooltips", "sync_cursor"), FLAG)),
    },
)  # fmt: skip

URL_FORMAT = closed({
    "id": one_of("url"), "params": closed({"type": one_of("a"), "urlTemplate": NAME, "labelTemplate": NAME}),
})  # fmt: skip
LOOKUP_FORMAT = closed({
    "id": one_of("static_lookup"),
    "params": closed({"lookupEntries": some(closed({"key": NAME, "value": NAME}), 1)}, {"unknownKeyValue": TEXT}),
})  # fmt: skip
FIELD_FORMAT: Schema = {"oneOf": [URL_FORMAT, LOOKUP_FORMAT]}
FIELD_NAMES = map_of(closed({"customLabel": NAME}))
DATA_VIEW = closed({
    "override": FLAG,
    "data_view": closed({"id": NAME, "title": NAME, "name": NAME}, {
        "timeFieldName": NAME, "allowNoIndex": FLAG, "fieldFormats": map_of(FIELD_FORMAT), "fieldAttrs": FIELD_NAMES,
    }),
})  # fmt: skip

# --- saved objects ----------------------------------------------------------------------------------

KUERY = closed({"query": TEXT, "language": one_of("kuery")})
REFERENCE = closed({"type": one_of("index-pattern"), "id": NAME, "name": NAME})
LENS_FORMAT = closed(
    {"id": one_of("number", "custom"), "params": closed({}, {"decimals": WHOLE, "pattern": NAME})}
)
COLUMN_HEAD = {"label": NAME, "customLabel": FLAG, "isBucketed": FLAG}
LENS_COLUMN: Schema = {
    "oneOf": [
        closed(COLUMN_HEAD | {
            "operationType": one_of("date_histogram"), "sourceField": NAME, "dataType": one_of("date"),
            "scale": one_of("interval"),
            "params": closed({"interval": NAME}, {"includeEmptyRows": FLAG, "dropPartials": FLAG}),
        }),
        closed(COLUMN_HEAD | {
            "operationType": one_of("terms"), "sourceField": NAME, "dataType": one_of("string"), "scale": one_of("ordinal"),
            "params": closed({
                "size": {"type": "integer", "minimum": 1, "maximum": 1000},
                "orderBy": {"oneOf": [
                    closed({"type": one_of("alphabetical"), "fallback": FLAG}),
                    closed({"type": one_of("column"), "columnId": NAME}),
                ]},
                "orderDirection": one_of("asc", "desc"), "otherBucket": FLAG, "missingBucket": FLAG,
                "parentFormat": closed({"id": one_of("terms")}), "include": some(TEXT), "exclude": some(TEXT),
                "includeIsRegex": FLAG, "excludeIsRegex": FLAG,
            }),
        }),
        closed(COLUMN_HEAD | {
            "operationType": one_of("count", "unique_count", "sum", "average", "min", "max", "median", "percentile"),
            "sourceField": NAME, "dataType": one_of("number", "date"), "scale": one_of("ratio"),
            "params": closed({}, {"format": LENS_FORMAT, "emptyAsNull": FLAG, "percentile": NUMBER}),
        }, {"filter": KUERY}),
        closed(COLUMN_HEAD | {
            "operationType": one_of("static_value"), "dataType": one_of("number"), "scale": one_of("ratio"),
            "isStaticValue": FLAG, "references": some(TEXT, 0, 0), "params": closed({"value": TEXT}),
        }),
    ]
}  # fmt: skip
LENS_LAYER = closed({
    "columns": map_of(LENS_COLUMN), "columnOrder": some(NAME, 1), "incompleteColumns": closed({}), "sampling": one_of(1),
})  # fmt: skip
STOPS = some(closed({"color": COLOUR, "stop": NUMBER}), 1)
PALETTE = closed({
    "type": one_of("palette"), "name": one_of("custom"),
    "params": closed({
        "name": one_of("custom"), "reverse": FLAG, "rangeType": one_of("number", "percent"), "rangeMin": NUMBER,
        "rangeMax": NUMBER, "progression": one_of("fixed"), "continuity": one_of("none", "above", "below", "all"),
        "steps": WHOLE, "maxSteps": WHOLE, "stops": STOPS, "colorStops": STOPS,
    }),
}, {"accessor": NAME})  # fmt: skip
COLOUR_MAPPING = closed({
    "assignments": some(closed({
        "rule": closed({"type": one_of("matchExactly"), "values": some(TEXT, 1)}),
        "color": closed({"type": one_of("colorCode"), "colorCode": COLOUR}), "touched": FLAG,
    })),
    "specialAssignments": some(closed({
        "rule": closed({"type": one_of("other")}), "color": closed({"type": one_of("loop")}), "touched": FLAG,
    }), 1, 1),
    "paletteId": NAME, "colorMode": closed({"type": one_of("categorical")}),
})  # fmt: skip
XY_LAYER: Schema = {
    "oneOf": [
        closed({
            "layerId": NAME, "layerType": one_of("data"), "accessors": some(NAME, 1), "xAccessor": NAME,
            "seriesType": DATA_LAYER["properties"]["type"],
        }, {
            "splitAccessor": NAME, "yConfig": some(closed({"forAccessor": NAME}, {"color": COLOUR})),
            "colorMapping": COLOUR_MAPPING,
        }),
        closed({
            "layerId": NAME, "layerType": one_of("referenceLine"), "accessors": some(NAME, 1),
            "yConfig": some(closed({"forAccessor": NAME}, {
                "axisMode": one_of("left", "right"), "color": COLOUR, "lineStyle": one_of("solid", "dashed", "dotted"),
            }), 1),
        }),
        closed({
            "layerId": NAME, "layerType": one_of("annotations"), "ignoreGlobalFilters": FLAG,
            "persistanceType": one_of("byValue"),
            "annotations": some(closed({
                "type": one_of("query"), "id": NAME, "key": closed({"type": one_of("point_in_time")}), "timeField": NAME,
                "filter": closed({"type": one_of("kibana_query"), "query": TEXT, "language": one_of("kuery")}),
                "label": NAME,
            }, {"color": COLOUR, "extraFields": some(NAME), "textVisibility": FLAG, "textField": NAME, "isHidden": FLAG}), 1),
        }),
    ]
}  # fmt: skip
EXTENT = closed(
    {"mode": one_of("full", "custom", "dataBounds")}, {"lowerBound": NUMBER, "upperBound": NUMBER}
)
VISUALISATION: dict[str, Schema] = {
    "lnsMetric": closed({"layerId": NAME, "layerType": one_of("data"), "metricAccessor": NAME}, {"showBar": FLAG}),
    "lnsXY": closed({
        "preferredSeriesType": NAME, "layers": some(XY_LAYER, 1), "valueLabels": one_of("hide", "show"),
        "legend": closed({"isVisible": FLAG, "position": one_of("top", "bottom", "left", "right")}),
    }, {
        "fittingFunction": one_of("None", "Zero", "Linear", "Carry"), "emphasizeFitting": FLAG, "yLeftExtent": EXTENT,
        "axisTitlesVisibilitySettings": closed({"x": FLAG, "yLeft": FLAG, "yRight": FLAG}),
    }),
    "lnsHeatmap": closed({
        "shape": one_of("heatmap"), "layerId": NAME, "layerType": one_of("data"), "valueAccessor": NAME, "xAccessor": NAME,
        "gridConfig": closed({"type": one_of("heatmap_grid")}, {
            f"is{part}Visible": FLAG
            for part in ("CellLabel", "XAxisLabel", "YAxisLabel", "XAxisTitle", "YAxisTitle")
        }),
        "legend": closed({"type": one_of("heatmap_legend"), "isVisible": FLAG, "position": NAME}),
    }, {"yAccessor": NAME, "palette": PALETTE}),
    "lnsDatatable": closed({
        "layerId": NAME, "layerType": one_of("data"),
        "columns": some(closed({"columnId": NAME}, {"colorMode": one_of("none", "cell", "text"), "palette": PALETTE}), 1),
    }, {"paging": closed({"size": one_of(10, 20, 30, 50, 100), "enabled": FLAG})}),
}  # fmt: skip
LENS: Schema = {
    "oneOf": [
        closed({
            "title": TEXT, "description": TEXT, "type": one_of("lens"), "visualizationType": one_of(kind),
            "references": some(REFERENCE, 1),
            "state": closed({
                "visualization": looks, "query": KUERY, "filters": some(closed({}), 0, 0),
                "datasourceStates": closed({"formBased": closed({"layers": map_of(LENS_LAYER)})}),
                "internalReferences": some(closed({}), 0, 0), "adHocDataViews": closed({}),
            }),
        })
        for kind, looks in VISUALISATION.items()
    ]
}  # fmt: skip
GRID_DATA = GRID | {
    "properties": GRID["properties"] | {"i": NAME}, "required": [*GRID["required"], "i"]
}  # fmt: skip
MARKDOWN = closed({
    "type": one_of("markdown"), "title": TEXT, "description": TEXT, "uiState": closed({}),
    "params": closed({"markdown": NAME, "fontSize": NUMBER, "openLinksInNewTab": FLAG}),
    "data": closed({
        "aggs": some(closed({}), 0, 0),
        "searchSource": closed({"query": KUERY, "filter": some(closed({}), 0, 0)}),
    }),
})  # fmt: skip
SAVED_PANEL: Schema = {
    "oneOf": [
        closed({
            "type": one_of("lens"), "panelIndex": NAME, "gridData": GRID_DATA, "title": TEXT,
            "embeddableConfig": closed({"attributes": LENS, "enhancements": closed({})}, {"hidePanelTitles": FLAG}),
        }),
        closed({
            "type": one_of("visualization"), "panelIndex": NAME, "gridData": GRID_DATA,
            "embeddableConfig": closed({"savedVis": MARKDOWN, "enhancements": closed({})}, {"hidePanelTitles": FLAG}),
        }),
    ]
}  # fmt: skip
PHRASE = closed({
    "$state": closed({"store": one_of("appState")}), "query": closed({"match_phrase": map_of(TEXT)}),
    "meta": closed({
        "alias": {"type": "null"}, "disabled": FLAG, "negate": FLAG, "type": one_of("phrase"), "key": NAME, "field": NAME,
        "params": closed({"query": TEXT}), "indexRefName": NAME,
    }),
})  # fmt: skip
PARENT = closed({f"ignore{what}": FLAG for what in ("Filters", "Query", "Timerange", "Validations")})
SAVED_CONTROL = closed({
    "type": one_of("optionsListControl"), "order": WHOLE, "width": one_of("small", "medium", "large"), "grow": FLAG,
    "explicitInput": closed({
        "id": NAME, "fieldName": NAME, "title": NAME, "singleSelect": FLAG, "selectedOptions": some(TEXT),
        "searchTechnique": one_of("prefix", "wildcard", "exact"),
        "sort": closed({"by": one_of("_count", "_key"), "direction": one_of("asc", "desc")}),
    }),
})  # fmt: skip
SAVED = closed({
    "id": NAME, "type": one_of("dashboard"), "managed": FLAG, "coreMigrationVersion": one_of("8.8.0"),
    "typeMigrationVersion": one_of("10.2.0"), "references": some(REFERENCE, 1),
    "attributes": closed({
        "title": NAME, "description": NAME, "version": one_of(1), "timeRestore": FLAG, "timeFrom": NAME, "timeTo": NAME,
        "refreshInterval": closed({"pause": FLAG, "value": WHOLE}),
        "optionsJSON": closed({
            "useMargins": FLAG, "syncColors": FLAG, "syncCursor": FLAG, "syncTooltips": FLAG, "hidePanelTitles": FLAG,
        }),
        "kibanaSavedObjectMeta": closed({"searchSourceJSON": closed({"query": KUERY, "filter": some(PHRASE, 1)})}),
        "controlGroupInput": closed({
            "chainingSystem": one_of("HIERARCHICAL", "NONE"), "controlStyle": one_of("oneLine", "twoLine"),
            "showApplySelections": FLAG, "ignoreParentSettingsJSON": PARENT, "panelsJSON": map_of(SAVED_CONTROL),
        }),
        "panelsJSON": some(SAVED_PANEL, 1, 1000),
    }),
})  # fmt: skip
SAVED_VIEW = closed({
    "id": NAME, "type": one_of("index-pattern"), "managed": FLAG, "coreMigrationVersion": one_of("8.8.0"),
    "typeMigrationVersion": one_of("8.0.0"), "references": some(REFERENCE, 0, 0),
    "attributes": closed({
        "title": NAME, "name": NAME, "fields": some(closed({})), "runtimeFieldMap": closed({}),
        "fieldFormatMap": map_of(FIELD_FORMAT), "fieldAttrs": FIELD_NAMES, "sourceFilters": some(closed({})),
        "allowNoIndex": FLAG,
    }, {"timeFieldName": NAME}),
})  # fmt: skip
