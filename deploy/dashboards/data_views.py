"""The data views in both forms: for Kibana's data views API, and as saved objects. Pure."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from deploy.dashboards.model import View
from deploy.dashboards.place import Place
from deploy.dashboards.views import FIELD_NAMES

Json: TypeAlias = dict[str, Any]  # Any: JSON


def for_api(view: View, place: Place) -> Json:
    """Return the body of `POST /api/data_views/data_view`; it replaces one of the same id."""
    body: Json = {
        "id": place.id(view.key), "title": place.index(view), "name": view.title, "allowNoIndex": True,
        "fieldFormats": _formats(view, place), "fieldAttrs": _names(),
    }  # fmt: skip
    if view.time:
        body["timeFieldName"] = view.time
    return {"override": True, "data_view": body}


def saved(view: View, place: Place) -> Json:
    """Return the saved object of a data view, its strings of JSON still decoded."""
    attributes: Json = {
        "title": place.index(view), "name": view.title, "allowNoIndex": True, "fields": [], "runtimeFieldMap": {},
        "fieldFormatMap": _formats(view, place), "fieldAttrs": _names(), "sourceFilters": [],
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
    return {
        field: {
            "id": "url",
            "params": {"type": "a", "urlTemplate": place.address(address), "labelTemplate": words},
        }
        for field, (address, words) in view.opens.items()
    }


def _names() -> Json:
    return {field: {"customLabel": name} for field, name in FIELD_NAMES.items()}
