"""The data views in both forms: for Kibana's data views API, and as saved objects. Pure."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from deploy.dashboards.model import View
from deploy.dashboards.names import words
from deploy.dashboards.place import Place
from deploy.dashboards.views import FIELD_NAMES
from stores.elastic_templates import composed, leaves

Json: TypeAlias = dict[str, Any]  # Any: JSON


def for_api(view: View, place: Place) -> Json:
    """Return the body of `POST /api/data_views/data_view`; it replaces one of the same id."""
    body: Json = {
        "id": place.id(view.key), "title": place.index(view), "name": view.title, "allowNoIndex": True,
        "fieldFormats": _formats(view, place), "fieldAttrs": _names(view),
    }  # fmt: skip
    if view.time:
        body["timeFieldName"] = view.time
    return {"override": True, "data_view": body}


def saved(view: View, place: Place) -> Json:
    """Return the saved object of a data view, its strings of JSON still decoded."""
    attributes: Json = {
        "title": place.index(view), "name": view.title, "allowNoIndex": True, "fields": [], "runtimeFieldMap": {},
        "fieldFormatMap": _formats(view, place), "fieldAttrs": _names(view), "sourceFilters": [],
    }  # fmt: skip
    if view.time:
        attributes["timeFieldName"] = view.time
    return {
        "id": place.id(view.key), "type": "index-pattern", "attributes": attributes, "references": [],
        "coreMigrationVersion": "8.8.0", "typeMigrationVersion": "8.0.0", "managed": False,
    }  # fmt: skip


STRINGS = ("fields", "runtimeFieldMap", "fieldFormatMap", "fieldAttrs", "sourceFilters")


def encoded(saved_view: Json) -> Json:
    """Return the saved object with its strings of JSON, as Kibana stores it."""
    attributes = {
        key: json.dumps(value, ensure_ascii=False) if key in STRINGS else value
        for key, value in saved_view["attributes"].items()
    }
    return saved_view | {"attributes": attributes}


def _formats(view: View, place: Place) -> Json:
    """Return how values are shown: keys by their names, and what opens at a click."""
    mapped = leaves(composed(view.family))
    formats: Json = {
        field: {
            "id": "static_lookup",
            "params": {"lookupEntries": [{"key": key, "value": name} for key, name in known.items()]},
        }
        for field, known in words(place).items()
        if field in mapped
    }
    for field, (address, text) in view.opens.items():
        clicked = {"type": "a", "urlTemplate": place.address(address), "labelTemplate": text}
        formats[field] = {"id": "url", "params": clicked}
    return formats


def _names(view: View) -> Json:
    mapped = leaves(composed(view.family))
    return {field: {"customLabel": name} for field, name in FIELD_NAMES.items() if field in mapped}
