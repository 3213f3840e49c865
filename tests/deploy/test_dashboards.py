"""What can be proven of the dashboards without a Kibana: forms, references, fields, places, and that nothing drifted."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from deploy.dashboards.boards import DASHBOARDS
from deploy.dashboards.build import HOME, files
from deploy.dashboards.conditions import Condition
from deploy.dashboards.model import Days, Layer, Top
from deploy.dashboards.panels import Chart, Dashboard, Number, Row, Table, Words, placed
from deploy.dashboards.place import Place
from deploy.dashboards.views import FIELD_NAMES, VIEWS
from stores.elastic_templates import composed, leaves
from tests.deploy import kibana_schema, reading
from tests.deploy.reckoning import FIELDS

PLACE = Place()
Json = dict[str, Any]  # Any: JSON
NUMBERS = {"double", "integer", "long"}
FITTING = {
    "terms": {"keyword"}, "days": {"date"}, "average": NUMBERS, "sum": NUMBERS, "median": NUMBERS,
    "percentile": NUMBERS, "min": NUMBERS | {"date"}, "max": NUMBERS | {"date"}, "unique_count": {"keyword"},
}  # fmt: skip


def api(board: Dashboard) -> Json:
    return json.loads((HOME / f"{board.key}.json").read_bytes())  # type: ignore[no-any-return]


def imported() -> list[Json]:
    lines = (HOME / "riftwatch.ndjson").read_text("utf-8").splitlines()
    return [reading.decoded(json.loads(line)) for line in lines]


def saved(board: Dashboard) -> Json:
    (found,) = [one for one in imported() if one["id"] == PLACE.id(board.key)]
    return found


def refused(schema: Json, value: Any) -> list[str]:
    return [
        f"{error.json_path}: {error.message[:300]}"
        for error in Draft202012Validator(schema).iter_errors(value)
    ]


boards = pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.key)


# --- drift ------------------------------------------------------------------------------------------


def test_what_is_committed_is_what_the_tables_say() -> None:
    built = files(PLACE)
    there = {path.name: path.read_bytes() for path in HOME.iterdir()}
    assert sorted(there) == sorted(built)
    changed = [name for name, content in built.items() if there[name] != content]
    assert changed == [], "run python -m deploy.dashboards.build and commit what it writes"


# --- forms ------------------------------------------------------------------------------------------


@boards
def test_the_api_form_has_no_key_that_kibana_does_not_know(board: Dashboard) -> None:
    assert refused(kibana_schema.API, api(board)) == []


@boards
def test_the_saved_object_has_no_key_that_kibana_does_not_know(board: Dashboard) -> None:
    assert refused(kibana_schema.SAVED, saved(board)) == []


def test_data_views_of_both_forms_are_well_formed_and_the_same() -> None:
    by_api = json.loads((HOME / "data-views.json").read_bytes())
    by_import = [one for one in imported() if one["type"] == "index-pattern"]
    assert [refused(kibana_schema.DATA_VIEW, one) for one in by_api] == [[]] * len(VIEWS)
    assert [refused(kibana_schema.SAVED_VIEW, one) for one in by_import] == [[]] * len(VIEWS)
    for one, other in zip(by_api, by_import, strict=True):
        view, attributes = one["data_view"], other["attributes"]
        assert view.pop("id") == other["id"]
        assert view.pop("fieldFormats") == attributes["fieldFormatMap"]
        assert all(attributes[name] == value for name, value in view.items())


def test_the_schemas_refuse_what_they_do_not_know() -> None:
    body = api(DASHBOARDS[0])
    body["panels"][1]["config"]["metrics"][0]["colour"] = "red"
    assert refused(kibana_schema.API, body)
    other = saved(DASHBOARDS[0])
    other["attributes"]["panelsJSON"][1]["embeddableConfig"]["attributes"]["state"]["more"] = 1
    assert refused(kibana_schema.SAVED, other)


@boards
def test_both_forms_have_the_same_panels_in_the_same_places(board: Dashboard) -> None:
    ours = {(one.panel.key, one.x, one.y, one.w, one.h) for one in placed(board)}
    by_api = {(one["id"], *(one["grid"][k] for k in "xywh")) for one in api(board)["panels"]}
    panels = saved(board)["attributes"]["panelsJSON"]
    by_import = {(one["panelIndex"], *(one["gridData"][k] for k in "xywh")) for one in panels}
    assert ours == by_api == by_import
    assert all(one["gridData"]["i"] == one["panelIndex"] for one in panels)


@boards
def test_both_forms_say_the_same_words(board: Dashboard) -> None:
    by_api, by_import = api(board), saved(board)["attributes"]
    assert by_api["title"] == by_import["title"] == board.title
    assert by_api["description"] == by_import["description"] == board.answers
    assert by_api["time_range"] == {"from": by_import["timeFrom"], "to": by_import["timeTo"]}
    assert by_api["refresh_interval"] == by_import["refreshInterval"]
    for one, other in zip(by_api["panels"], by_import["panelsJSON"], strict=True):
        if one["type"] == "markdown":
            assert one["config"]["content"] == other["embeddableConfig"]["savedVis"]["params"]["markdown"]
        else:
            lens = other["embeddableConfig"]["attributes"]
            assert one["config"].get("title", "") == lens["title"] == other["title"]
            assert one["config"].get("description", "") == lens["description"]


@boards
def test_both_forms_ask_what_the_tables_ask(board: Dashboard) -> None:
    panels = saved(board)["attributes"]["panelsJSON"]
    for spot, one, other in zip(placed(board), api(board)["panels"], panels, strict=True):
        if spot.panel.layers:
            expected = [question(layer) for layer in spot.panel.layers]
            assert reading.questions_of_api(one["config"]) == expected
            assert reading.questions_of_lens(other["embeddableConfig"]["attributes"]) == expected


def question(layer: Layer) -> reading.Question:
    def bucket(one: Days | Top) -> tuple[Any, ...]:
        if isinstance(one, Days):
            return ("days", layer.view.time, one.every, one.label)
        down = one.by is not None and not one.lowest
        return ("top", one.field, one.size, one.by, "desc" if down else "asc", one.label)

    def asked(conditions: tuple[Condition, ...]) -> str:
        return " and ".join(one.kql for one in conditions)

    metrics = tuple(
        (
            one.operation,
            one.field,
            one.percentile if one.operation == "percentile" else None,
            asked(one.where),
            one.label,
        )
        for one in layer.metrics
    )
    return (PLACE.id(layer.view.key), asked(layer.where), tuple(map(bucket, layer.buckets)), metrics)


# --- references -------------------------------------------------------------------------------------


def test_ids_are_unique_and_no_reference_dangles() -> None:
    objects = imported()
    ids = Counter((one["type"], one["id"]) for one in objects)
    assert [name for name, times in ids.items() if times > 1] == []
    pointed = {(to["type"], to["id"]) for one in objects for to in one["references"]}
    assert pointed - set(ids) == set()
    unused = {name for name in ids if name[0] == "index-pattern"} - pointed
    assert unused == set(), "a data view that no dashboard uses"


@boards
def test_every_reference_inside_a_dashboard_stands_at_its_top_and_the_other_way_round(
    board: Dashboard,
) -> None:
    found = saved(board)
    at_top = Counter((one["name"], one["id"]) for one in found["references"])
    attributes = found["attributes"]
    inside = Counter(
        (f"{panel['panelIndex']}:{one['name']}", one["id"])
        for panel in attributes["panelsJSON"]
        for one in panel["embeddableConfig"].get("attributes", {}).get("references", [])
    )
    filters = attributes["kibanaSavedObjectMeta"]["searchSourceJSON"]["filter"]
    inside.update((one["meta"]["indexRefName"], PLACE.id("stories")) for one in filters)
    controls = {control.key: control for control in board.controls}
    assert list(attributes["controlGroupInput"]["panelsJSON"]) == list(controls)
    inside.update(
        (f"controlGroup_{key}:optionsListDataView", PLACE.id(control.view.key))
        for key, control in controls.items()
    )
    assert at_top == inside
    assert set(at_top.values()) == {1}


@boards
def test_every_data_view_of_the_api_form_is_deployed_with_it(board: Dashboard) -> None:
    known = {one["data_view"]["id"] for one in json.loads((HOME / "data-views.json").read_bytes())}
    named = set(_values(api(board), "ref_id")) | set(_values(api(board), "data_view_id"))
    assert named <= known


def _values(value: Any, key: str) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in _values(one, key)]
    if isinstance(value, dict):
        own = [value[key]] if key in value else []
        return own + [found for one in value.values() for found in _values(one, key)]
    return []


# --- inside Lens ------------------------------------------------------------------------------------


@boards
def test_lens_columns_accessors_and_layers_agree(board: Dashboard) -> None:
    for panel in saved(board)["attributes"]["panelsJSON"]:
        lens = panel["embeddableConfig"].get("attributes")
        if lens is None:
            continue
        layers = lens["state"]["datasourceStates"]["formBased"]["layers"]
        for layer in layers.values():
            assert layer["columnOrder"] == list(layer["columns"])
            ordered = [
                one["params"]["orderBy"].get("columnId")
                for one in layer["columns"].values()
                if one["isBucketed"] and "orderBy" in one["params"]
            ]
            assert set(ordered) - {None} <= set(layer["columns"])
        drawn = _drawn(lens["state"]["visualization"])
        counted = {name: used for name, used in drawn.items() if used is not None}
        assert {name: set(layer["columns"]) for name, layer in layers.items()} == counted
        named = {one["name"] for one in lens["references"]}
        expected = {f"indexpattern-datasource-layer-{name}" for name in counted}
        expected |= {f"xy-visualization-layer-{name}" for name in drawn if drawn[name] is None}
        assert named == expected


def _drawn(looks: Json) -> dict[str, set[str] | None]:
    """The columns that each layer draws; None for a layer of annotations, which has none."""
    found: dict[str, set[str] | None] = {}
    for layer in looks.get("layers", [looks]):
        if layer["layerType"] == "annotations":
            found[layer["layerId"]] = None
            continue
        names = ("xAccessor", "yAccessor", "splitAccessor", "valueAccessor", "metricAccessor")
        used = {layer[name] for name in names if name in layer} | set(layer.get("accessors", ()))
        used |= {one["columnId"] for one in layer.get("columns", ())}
        assert {one["forAccessor"] for one in layer.get("yConfig", ())} <= used
        found[layer["layerId"]] = used
    return found


# --- fields -----------------------------------------------------------------------------------------


@boards
def test_every_field_is_in_the_mapping_with_a_fitting_type(board: Dashboard) -> None:
    for spot in placed(board):
        for layer in spot.panel.layers:
            types = leaves(composed(layer.view.family))
            for field, use in _used(layer):
                assert field in types, f"{spot.panel.key}: {layer.view.family} has no field {field}"
                assert use is None or types[field] in FITTING[use], (
                    f"{spot.panel.key}: {field} is {types[field]}"
                )
        if isinstance(spot.panel, Chart) and (marks := spot.panel.marks):
            types = leaves(composed(marks.view.family))
            assert types[marks.time] == "date"
            assert {*marks.shows, *(one.field for one in marks.where)} <= set(types)
            assert marks.text is None or types[marks.text] == "keyword"
            # Kibana applies the conditions of the chart to its marks, too.
            assert all(one.field in types for one in spot.panel.where)
    for control in board.controls:
        assert leaves(composed(control.view.family))[control.field] == "keyword"


def _used(layer: Layer) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = [("event.module", "terms")]
    for bucket in layer.buckets:
        if isinstance(bucket, Top):
            found.append((bucket.field, "terms"))
        else:
            assert layer.view.time
            found.append((layer.view.time, "days"))
    for metric in layer.metrics:
        if metric.field:
            found.append((metric.field, metric.operation))
        found += [(one.field, None) for one in metric.where]
    return found + [(one.field, None) for one in layer.where]


def test_data_views_name_fields_that_exist() -> None:
    everything: set[str] = set()
    for view in VIEWS:
        types = leaves(composed(view.family))
        everything |= set(types)
        assert view.time is None or types[view.time] == "date"
        assert all(types[field] == "keyword" for field in view.opens)
    assert set(FIELD_NAMES) <= everything


@boards
def test_a_controls_field_is_filled_in_every_view_of_its_dashboard(board: Dashboard) -> None:
    """A control on a field that some panels lack would empty them without a word."""
    for control in board.controls:
        for spot in placed(board):
            for layer in spot.panel.layers:
                assert control.field in FIELDS[layer.view.family], (control.key, spot.panel.key)


# --- for the reader ---------------------------------------------------------------------------------


@boards
def test_a_dashboard_says_what_it_answers_and_keeps_its_tables_at_the_bottom(board: Dashboard) -> None:
    panels = [spot.panel for spot in placed(board)]
    assert isinstance(panels[0], Words)
    assert panels[0].text.startswith("### ")
    assert "?" in panels[0].text.splitlines()[0]
    assert "{links}" in panels[0].text
    kinds = [isinstance(panel, Table) for panel in panels]
    assert kinds == sorted(kinds), "a table above a chart"
    assert board.answers.endswith(".")
    assert api(board)["filters"]


@boards
def test_scores_and_times_bear_their_units(board: Dashboard) -> None:
    for spot in placed(board):
        panel = spot.panel
        if isinstance(panel, Chart):
            signed = any(metric.scored for one in panel.series for metric in one.metrics)
            assert not signed or "−1 to +1" in panel.title, panel.title
            assert "(" in panel.title or panel.title.startswith("Stories by"), panel.title
            timed = any((metric.field or "").endswith("_s") for one in panel.series for metric in one.metrics)
            assert not timed or "seconds" in panel.title
        if isinstance(panel, Number) and panel.metric.scored:
            assert "−1 to +1" in panel.metric.label


@boards
def test_the_grid_has_no_overlap_and_no_hole(board: Dashboard) -> None:
    cells = Counter(
        (x, y)
        for spot in placed(board)
        for x in range(spot.x, spot.x + spot.w)
        for y in range(spot.y, spot.y + spot.h)
    )
    assert set(cells.values()) == {1}
    assert len(cells) == 48 * sum(row.height for row in board.rows)


def test_a_row_that_is_not_full_is_refused() -> None:
    with pytest.raises(ValueError, match="must add up to 48"):
        Row(4, ((20, DASHBOARDS[0].rows[0].panels[0][1]),))


def test_links_lead_to_the_other_dashboards_and_to_the_desk() -> None:
    place = Place(prefix="desk7", desk="https://desk.example.org/riftwatch/")
    built = files(place)
    text = json.loads(built["coverage.json"])["panels"][0]["config"]["content"]
    assert "**Coverage**" in text
    assert "[Relationship](#/view/desk7-relationship)" in text
    assert "(https://desk.example.org/riftwatch/)" in text
    views = {one["data_view"]["id"]: one["data_view"] for one in json.loads(built["data-views.json"])}
    opens = views["desk7-shifts"]["fieldFormats"]["news.shift.id"]["params"]["urlTemplate"]
    assert opens == "https://desk.example.org/riftwatch/shift/{{value}}"
    assert views["desk7-stories"]["title"] == "desk7-stories"
    assert b"127.0.0.1" not in b"".join(built.values())
    assert b"riftwatch-" not in b"".join(built.values())


def test_keys_bear_the_names_of_the_watchlist() -> None:
    place = Place(actors=(("musk", "Elon Musk"), ("trump", "Donald Trump"), ("openai", "OpenAI")))
    views = {one["data_view"]["id"]: one["data_view"] for one in json.loads(files(place)["data-views.json"])}

    def shown(view: str, field: str) -> dict[str, str]:
        entries = views[view]["fieldFormats"][field]["params"]["lookupEntries"]
        return {one["key"]: one["value"] for one in entries}

    assert shown("riftwatch-evidence", "news.pair")["musk|trump"] == "Elon Musk – Donald Trump"
    assert shown("riftwatch-shifts", "news.subject")["tone:openai"] == "Tone toward OpenAI"
    assert shown("riftwatch-stories", "news.language")["de"] == "German"
    assert [
        refused(kibana_schema.DATA_VIEW, {"override": True, "data_view": view}) for view in views.values()
    ] == [[]] * len(VIEWS)
    assert (
        "news.pair" not in json.loads((HOME / "data-views.json").read_bytes())[2]["data_view"]["fieldFormats"]
    )


def test_no_old_kind_of_panel_is_used() -> None:
    for board in DASHBOARDS:
        for panel in saved(board)["attributes"]["panelsJSON"]:
            text = panel["embeddableConfig"].get("savedVis", {}).get("type")
            assert panel["type"] == "lens" or text == "markdown"
