"""Brings data views and dashboards into a Kibana, or tells what differs. Again changes nothing.

version ─▶ 9.4 and newer: data views API, Dashboards API, one request for each object
        └▶ 9.0 to 9.3:    one import of saved objects, which Kibana takes whole or not at all
Kibana fills in what a body leaves open, so an object is as it should be when everything that we say stands in it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import quote

from deploy.dashboards import api_form, data_views, saved_objects
from deploy.dashboards.boards import DASHBOARDS
from deploy.dashboards.kibana import API_VERSION, DASHBOARDS_API, Answer, Kibana
from deploy.dashboards.place import Place
from deploy.dashboards.views import VIEWS
from riftwatch.errors import StateError

Json: TypeAlias = dict[str, Any]  # Any: JSON
MISSING, DIFFERS = "missing", "differs"
STRINGS = ("JSON", "fieldFormatMap", "fieldAttrs", "runtimeFieldMap", "sourceFilters")


@dataclass(frozen=True, slots=True)
class Difference:
    """An object in Kibana that is not as it should be."""

    kind: str  # data view or dashboard
    name: str
    state: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.name}: {self.state}{f' at {self.detail}' if self.detail else ''}"


async def deliver(kibana: Kibana, place: Place, *, applying: bool) -> list[Difference]:
    """Return what differs, or what was changed; raises Retry, AccessError and StateError."""
    modern = await kibana.version() >= DASHBOARDS_API
    if modern:
        return [one async for one in _by_api(kibana, place, applying=applying)]
    return await _by_import(kibana, place, applying=applying)


async def _by_api(kibana: Kibana, place: Place, *, applying: bool) -> AsyncIterator[Difference]:
    for view in VIEWS:
        body = data_views.for_api(view, place)
        name = body["data_view"]["id"]
        found = await kibana.ask("GET", f"/api/data_views/data_view/{quote(name)}", headers=API_VERSION)
        one = _compared("data view", name, body["data_view"], _inner(found, "data_view"))
        if one and applying:
            _accepted(await kibana.ask("POST", "/api/data_views/data_view", body, headers=API_VERSION), one)
        if one:
            yield one
    for board in DASHBOARDS:
        body, name = api_form.dashboard(board, place, DASHBOARDS), place.id(board.key)
        path = f"/api/dashboards/{quote(name)}"
        one = _compared(
            "dashboard", name, body, _inner(await kibana.ask("GET", path, headers=API_VERSION), "data")
        )
        if one and applying:
            _accepted(await kibana.ask("PUT", path, body, headers=API_VERSION), one)
        if one:
            yield one


async def _by_import(kibana: Kibana, place: Place, *, applying: bool) -> list[Difference]:
    objects = saved_objects.lines(DASHBOARDS, place)
    there = await _exported(kibana, objects)
    found = [
        one
        for wanted in objects
        if (
            one := _compared(
                _kind(wanted), wanted["id"], _plain(wanted), there.get((wanted["type"], wanted["id"]))
            )
        )
    ]
    if found and applying:
        body = saved_objects.ndjson(objects)
        answer = await kibana.ask("POST", "/api/saved_objects/_import?overwrite=true", body)
        _accepted(answer, found[0])
        if not answer.json.get("success"):
            told = [
                f"{one['type']} {one['id']}: {one.get('error', {}).get('type')}"
                for one in answer.json["errors"]
            ]
            raise StateError(f"Kibana at {kibana.where} did not import everything ({'; '.join(told)[:600]})")
    return found


async def _exported(kibana: Kibana, objects: list[Json]) -> dict[tuple[str, str], Json]:
    """Return the saved objects that are there, by type and id."""
    wanted = [{"type": one["type"], "id": one["id"]} for one in objects]
    answer = await _export(kibana, wanted)
    if answer.status == 400:  # it names those that are not there, and gives none
        missing = {(one["type"], one["id"]) for one in answer.json.get("attributes", {}).get("objects", [])}
        wanted = [one for one in wanted if (one["type"], one["id"]) not in missing]
        if not wanted or not missing:
            return {}
        answer = await _export(kibana, wanted)
    if answer.status != 200:
        raise StateError(f"Kibana at {kibana.where} does not show its saved objects: {answer.message}")
    lines = (json.loads(line) for line in answer.body.splitlines() if line.strip())
    return {(one["type"], one["id"]): _plain(one) for one in lines}


async def _export(kibana: Kibana, wanted: list[Json]) -> Answer:
    body = {"objects": wanted, "includeReferencesDeep": False, "excludeExportDetails": True}
    return await kibana.ask("POST", "/api/saved_objects/_export", body)


def _compared(kind: str, name: str, wanted: Json, found: Json | None) -> Difference | None:
    if found is None:
        return Difference(kind, name, MISSING)
    where = lacking(wanted, found)
    return None if where is None else Difference(kind, name, DIFFERS, where)


def lacking(wanted: Any, found: Any, path: str = "") -> str | None:  # Any: JSON
    """Return the first place at which `found` does not hold what is wanted, None if it holds everything."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        places = ((f"{path}.{key}".lstrip("."), value, found.get(key)) for key, value in wanted.items())
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        places = (
            (f"{path}[{n}]", one, other) for n, (one, other) in enumerate(zip(wanted, found, strict=True))
        )
    else:
        return None if wanted == found else path or "the whole"
    return next((deeper for where, one, other in places if (deeper := lacking(one, other, where))), None)


def _inner(answer: Answer, key: str) -> Json | None:
    """Return the object in an answer, None when Kibana has none; raises StateError for any other answer."""
    if answer.status == 404:
        return None
    inner = answer.json.get(key)
    if answer.status != 200 or not isinstance(inner, dict):
        raise StateError(f"Kibana answers {answer.status} where an object was asked for: {answer.message}")
    return inner


def _accepted(answer: Answer, one: Difference) -> None:
    if answer.status not in (200, 201):
        raise StateError(
            f"Kibana does not take {one.kind} {one.name} ({answer.status}): {answer.message}; please report it with the"
            " version of your Kibana"
        )


def _kind(saved: Json) -> str:
    return "dashboard" if saved["type"] == "dashboard" else "data view"


def _plain(saved: Json) -> Json:
    """Return what we compare of a saved object: attributes with their strings decoded, references in a fixed order."""
    references = sorted(saved["references"], key=lambda one: str(one["name"]))
    return {"attributes": _decoded(saved["attributes"]), "references": references}


def _decoded(value: Any, name: str = "") -> Any:  # Any: JSON
    if isinstance(value, dict):
        return {key: _decoded(inner, key) for key, inner in value.items()}
    if isinstance(value, str) and (name.endswith("JSON") or name in STRINGS or name == "fields"):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
