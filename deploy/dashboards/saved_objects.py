"""A dashboard as a saved object, for Kibana's import (9.0 to 9.3). Pure.

`saved` returns it decoded, as it can be read and compared; `encoded` turns the parts that Kibana stores as strings
into strings. Every inner reference of a panel stands again at the top as `<panelIndex>:<inner name>`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, TypeAlias

from deploy.dashboards import data_views
from deploy.dashboards.lens_form import lens
from deploy.dashboards.panels import Control, Dashboard, Placed, Words, placed
from deploy.dashboards.place import Place
from deploy.dashboards.views import STORIES, VIEWS

Json: TypeAlias = dict[str, Any]  # Any: JSON
FILTER = "kibanaSavedObjectMeta.searchSourceJSON.filter[0].meta.index"
PARENT = {"ignoreFilters": False, "ignoreQuery": False, "ignoreTimerange": False, "ignoreValidations": False}


def saved(board: Dashboard, place: Place, boards: tuple[Dashboard, ...]) -> Json:
    """Return the saved object of a dashboard, its strings of JSON still decoded."""
    panels = [_panel(one, board, place, boards) for one in placed(board)]
    controls = [place.chosen(control) for control in board.controls]
    references = [{"type": "index-pattern", "id": place.id(STORIES.key), "name": FILTER}]
    references += [
        inner | {"name": f"{panel['panelIndex']}:{inner['name']}"}
        for panel in panels
        for inner in panel["embeddableConfig"].get("attributes", {}).get("references", [])
    ]
    references += [
        {"type": "index-pattern", "id": place.id(control.view.key), "name": _control_reference(control)}
        for control in controls
    ]
    return {
        "id": place.id(board.key), "type": "dashboard", "managed": False,
        "coreMigrationVersion": "8.8.0", "typeMigrationVersion": "10.2.0", "references": references,
        "attributes": {
            "title": board.title, "description": board.answers, "version": 1,
            "timeRestore": True, "timeFrom": board.since, "timeTo": "now",
            "refreshInterval": {"pause": not board.refresh_s, "value": board.refresh_s * 1000},
            "optionsJSON": {
                "useMargins": True, "syncColors": False, "syncCursor": True, "syncTooltips": False,
                "hidePanelTitles": False,
            },
            "kibanaSavedObjectMeta": {"searchSourceJSON": _search_source()},
            "controlGroupInput": {
                "chainingSystem": "HIERARCHICAL", "controlStyle": "oneLine", "showApplySelections": False,
                "ignoreParentSettingsJSON": PARENT,
                "panelsJSON": {one.key: _control(one, order) for order, one in enumerate(controls)},
            },
            "panelsJSON": panels,
        },
    }  # fmt: skip


def _search_source() -> Json:
    only_ours = {
        "$state": {"store": "appState"}, "query": {"match_phrase": {"event.module": "riftwatch"}},
        "meta": {
            "alias": None, "disabled": False, "negate": False, "type": "phrase", "key": "event.module",
            "field": "event.module", "params": {"query": "riftwatch"}, "indexRefName": FILTER,
        },
    }  # fmt: skip
    return {"query": {"query": "", "language": "kuery"}, "filter": [only_ours]}


def _panel(one: Placed, board: Dashboard, place: Place, boards: tuple[Dashboard, ...]) -> Json:
    panel = one.panel
    head = {
        "panelIndex": panel.key,
        "gridData": {"x": one.x, "y": one.y, "w": one.w, "h": one.h, "i": panel.key},
    }
    if isinstance(panel, Words):
        text = {
            "markdown": place.text(panel, board, boards),
            "fontSize": 12,
            "openLinksInNewTab": False,
        }
        drawn = {"type": "markdown", "title": "", "description": "", "params": text, "uiState": {},
                 "data": {"aggs": [], "searchSource": {"query": {"query": "", "language": "kuery"}, "filter": []}}}  # fmt: skip
        return head | {
            "type": "visualization",
            "embeddableConfig": {"savedVis": drawn, "enhancements": {}, "hidePanelTitles": True},
        }
    attributes = lens(panel, place)
    hidden = {} if attributes["title"] else {"hidePanelTitles": True}
    return head | {
        "type": "lens",
        "title": attributes["title"],
        "embeddableConfig": {"attributes": attributes, "enhancements": {}, **hidden},
    }


def _control(control: Control, order: int) -> Json:
    return {
        "type": "optionsListControl", "order": order, "width": "medium", "grow": True,
        "explicitInput": {
            "id": control.key, "title": control.title, "fieldName": control.field, "singleSelect": control.single,
            "selectedOptions": list(control.chosen), "searchTechnique": "prefix",
            "sort": {"by": "_count", "direction": "desc"},
        },
    }  # fmt: skip


def _control_reference(control: Control) -> str:
    return f"controlGroup_{control.key}:optionsListDataView"


def encoded(saved_dashboard: Json) -> Json:
    """Return the saved object with its strings of JSON, as Kibana stores it."""
    attributes = dict(saved_dashboard["attributes"])
    for name in ("panelsJSON", "optionsJSON"):
        attributes[name] = _text(attributes[name])
    meta = attributes["kibanaSavedObjectMeta"]
    attributes["kibanaSavedObjectMeta"] = {"searchSourceJSON": _text(meta["searchSourceJSON"])}
    group = attributes["controlGroupInput"]
    attributes["controlGroupInput"] = group | {
        name: _text(group[name]) for name in ("panelsJSON", "ignoreParentSettingsJSON")
    }
    return saved_dashboard | {"attributes": attributes}


def lines(boards: tuple[Dashboard, ...], place: Place) -> list[Json]:
    """Return all saved objects as Kibana imports them: data views first, then dashboards."""
    views = [data_views.encoded(data_views.saved(view, place)) for view in VIEWS]
    return views + [encoded(saved(board, place, boards)) for board in boards]


def ndjson(objects: Iterable[Json]) -> bytes:
    """Return one object a line."""
    return "".join(_text(one) + "\n" for one in objects).encode()


def _text(value: Any) -> str:  # Any: JSON
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
