"""Every panel's search on a real engine, with the numbers that the records give when counted by hand."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from deploy.dashboards.asking import Answer, Span, body, marks_body, moments, rows
from deploy.dashboards.boards import DASHBOARDS
from deploy.dashboards.conditions import Condition, OneOf
from deploy.dashboards.model import Layer
from deploy.dashboards.panels import Chart, Dashboard, Panel, placed
from deploy.dashboards.place import Place
from deploy.dashboards.words import TONES
from riftwatch.settings import Settings
from stores.base import Stored
from stores.elastic_client import connect
from stores.elastic_deploy import apply
from stores.elastic_documents import document_of
from stores.elastic_templates import templates
from tests import opensearch
from tests.deploy import reckoning, seed
from tests.desk import newsroom
from tests.engines import forget

ALL_OF_IT = Span(seed.SINCE, seed.UNTIL)
PART_OF_IT = Span(seed.SINCE.replace(month=12), seed.UNTIL.replace(month=2))
CHOICES = {"actor": ("musk", "openai"), "language": ("de",), "publisher": ("hanse", "harbour", "der-bote")}
PANELS = [
    pytest.param(board, spot.panel, id=f"{board.key}-{spot.panel.key}")
    for board in DASHBOARDS
    for spot in placed(board)
    if spot.panel.layers
]


@dataclass(frozen=True)
class Engine:
    client: Elasticsearch
    prefix: str

    def answers(self, layer: Layer, span: Span, chosen: tuple[Condition, ...]) -> list[Answer]:
        index = Place(prefix=self.prefix).index(layer.view)
        found = self.client.search(index=index, body=body(layer, span, chosen))
        return rows(layer, found.body)


@cache
def records() -> tuple[Stored, ...]:
    return tuple(seed.records())


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("elasticsearch", marks=pytest.mark.elasticsearch),
        pytest.param("opensearch", marks=pytest.mark.opensearch),
    ],
)
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine with our templates and one document for each record."""
    name: str = request.param
    url = request.getfixturevalue(f"{name}_url")
    prefix = f"test-{uuid.uuid4().hex[:10]}"
    made = connect(Settings(), url) if name == "elasticsearch" else opensearch.client(url, request_timeout=60)
    with made as client:
        try:
            apply(client, templates(prefix, plain_text=name == "elasticsearch"), seed.UNTIL)
            fill(client, prefix)
            yield Engine(client, prefix)
        finally:
            forget(url, prefix)


def fill(client: Elasticsearch, prefix: str) -> None:
    lines: list[Any] = []  # Any: what the client takes, objects and finished lines
    for record in records():
        document = document_of(record, prefix, seed.ingested(record))
        lines += [{"index": {"_index": document.index, "_id": document.id}}, document.source]
    answer = client.bulk(operations=lines, refresh=True)
    assert not answer["errors"], next(item for item in answer["items"] if item["index"]["status"] >= 300)


def agree(layer: Layer, found: list[Answer], expected: list[Answer]) -> None:
    """The same rows in the same order; percentiles, which engines estimate, to a tenth."""
    assert [one.keys for one in found] == [one.keys for one in expected]
    for one, other in zip(found, expected, strict=True):
        for metric, value, right in zip(layer.metrics, one.values, other.values, strict=True):
            near = 0.1 if metric.operation in ("median", "percentile") else 1e-6
            assert value == (None if right is None else pytest.approx(right, rel=near)), (
                one.keys,
                metric.label,
            )


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_panel_shows_what_the_records_say(engine: Engine, board: Dashboard, panel: Panel) -> None:
    for layer in panel.layers:
        for span in (ALL_OF_IT, PART_OF_IT):
            found = engine.answers(layer, span, ())
            agree(layer, found, reckoning.answers(layer, records(), span, ()))
        whole = engine.answers(layer, ALL_OF_IT, ())
        assert whole, "nothing in the seed reaches this panel"
        assert any(value for one in whole for value in one.values), "only zeros: the seed tests nothing"


@pytest.mark.parametrize(("board", "panel"), PANELS)
def test_a_choice_in_a_control_empties_no_panel(engine: Engine, board: Dashboard, panel: Panel) -> None:
    for control in map(Place().chosen, board.controls):
        chosen = (OneOf(control.field, control.chosen or CHOICES[control.key]),)
        for layer in panel.layers:
            found = engine.answers(layer, ALL_OF_IT, chosen)
            agree(layer, found, reckoning.answers(layer, records(), ALL_OF_IT, chosen))
            assert any(value for one in found for value in one.values), control.key


MARKED = [value for value in PANELS if isinstance(value.values[1], Chart) and value.values[1].marks]


@pytest.mark.parametrize(("board", "panel"), MARKED)
def test_shifts_stand_on_the_charts(engine: Engine, board: Dashboard, panel: Chart) -> None:
    assert panel.marks
    chosen = (OneOf("news.entity_ids", ("musk", "openai")),)
    index = Place(prefix=engine.prefix).index(panel.marks.view)
    answer = engine.client.search(index=index, body=marks_body(panel, panel.marks, ALL_OF_IT, chosen))
    kind = "tone" if TONES in panel.where else "relation"
    of_pair = panel.marks.text == "news.pair"
    expected = [
        (shift.detected_at, shift.subject.partition(":")[2] if of_pair else shift.direction)
        for shift in newsroom.shifts()
        if shift.state != "withdrawn" and shift.subject.startswith(kind)
    ]
    assert expected
    assert moments(panel.marks, answer.body) == sorted(expected)


def test_the_numbers_of_one_panel_by_hand(engine: Engine) -> None:
    """The reckoning itself is checked where a person can count along."""
    (layer,) = next(spot.panel for spot in placed(DASHBOARDS[0]) if spot.panel.key == "shift-list").layers
    found = {one.keys[0]: one for one in engine.answers(layer, ALL_OF_IT, ())}
    assert list(found) == [
        "5c1f9a02",
        "0a44c2e7",
        "77aa0b1c",
        "91be77d4",
    ]  # newest first, the withdrawn one is gone
    assert found["91be77d4"].keys[1:] == ("relation:musk|trump", "down", "settled")
    assert found["91be77d4"].values[1:] == pytest.approx((0.43, -0.38, -0.81))
