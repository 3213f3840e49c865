"""The previews: drawn from the panels' own answers, and marked as what they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from deploy.dashboards.asking import Answer, Span
from deploy.dashboards.boards import DASHBOARDS
from deploy.dashboards.model import Days, Metric, Top
from deploy.dashboards.panels import Chart, Dashboard, placed
from deploy.dashboards.place import Place
from deploy.preview.charts import Line, over_time
from deploy.preview.figures import heat, label, shown, ticks
from deploy.preview.page import Drawn, page
from tests.deploy import reckoning, seed

SPAN = Span(seed.SINCE, seed.UNTIL)
DAY = timedelta(days=1)


def answered(board: Dashboard) -> dict[str, Drawn]:
    """Answers without an engine: what the records say."""
    records = seed.records()
    return {
        spot.panel.key: Drawn(
            tuple(reckoning.answers(layer, records, SPAN, ()) for layer in spot.panel.layers)
        )
        for spot in placed(board)
    }


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.key)
def test_a_page_shows_every_panel_and_says_that_it_is_no_kibana(board: Dashboard) -> None:
    html = page(board, Place(), SPAN, answered(board))
    assert "This is not Kibana" in html
    assert board.title in html
    for spot in placed(board):
        assert getattr(spot.panel, "title", "") in html
    assert html.count('class="panel"') == sum(1 for _ in placed(board))
    assert "No results found" not in html
    for svg in html.split("<svg")[1:]:
        ET.fromstring("<svg" + svg.partition("</svg>")[0] + "</svg>")  # well-formed, or it raises


def test_what_a_document_says_is_text_not_markup() -> None:
    board = DASHBOARDS[0]
    evil = [Answer(("<script>alert(1)</script>",), (1.0, 2.0, 1.7e12))]
    html = page(board, Place(), SPAN, {"top-stories": Drawn((evil,))})
    assert "<script>alert" not in html
    assert "&lt;script&gt;" in html


def test_a_panel_without_an_answer_says_so() -> None:
    assert page(DASHBOARDS[0], Place(), SPAN, {}).count("No results found") == 7


def test_a_line_of_scores_is_dotted_where_days_are_missing() -> None:
    (chart,) = (s.panel for s in placed(DASHBOARDS[1]) if s.panel.key == "series")
    assert isinstance(chart, Chart)
    start = datetime(2025, 1, 1, tzinfo=UTC)
    days = [reckoning.millis(start + n * DAY) for n in (0, 1, 4, 5)]
    line = Line("mean", "#000000", dict.fromkeys(days, 0.5))
    drawn = over_time(chart, [line], Span(start, start + 10 * DAY), [(start + DAY, "down")], (600, 300))
    assert drawn.count("<polyline") == 3
    assert drawn.count('stroke-dasharray="2 4"') == 1
    assert ">down</text>" in drawn


def test_figures_are_those_of_the_desk() -> None:
    score = Metric(operation="average", label="", format="signed", decimals=2)
    assert [shown(value, score) for value in (0.314, -0.5, None)] == ["+0.31", "−0.50", "–"]
    assert shown(1234.0, Metric(operation="count", label="")) == "1,234"
    assert (
        shown(
            reckoning.millis(datetime(2025, 1, 22, 14, 5, tzinfo=UTC)),
            Metric(operation="max", label="", format="date"),
        )
        == "22 Jan 2025, 14:05"
    )
    assert [heat(value)[0] for value in (-1, -0.5, -0.49, 0, 0.1, 0.5, 1)] == [
        "#ad4a0b", "#eda765", "#eda765", "#e9e6dc", "#d8e6f3", "#1c5a94", "#1c5a94",
    ]  # fmt: skip
    assert ticks(-1, 1) == [-1, -0.5, 0, 0.5, 1]
    assert label(-0.5) == "−0.5"


def test_names_are_split_before_or_after_the_axis() -> None:
    panels = {spot.panel.key: spot.panel for spot in placed(DASHBOARDS[1])}
    outlets = panels["outlets"]
    assert isinstance(outlets, Chart)
    assert [type(one) for one in outlets.layers[0].buckets] == [Top, Top]
    assert outlets.layers[0].buckets[0] == outlets.series[0].along
    tone = {spot.panel.key: spot.panel for spot in placed(DASHBOARDS[0])}["tone"]
    assert [type(one) for one in tone.layers[0].buckets] == [Top, Days]


@pytest.mark.elasticsearch
@pytest.mark.browser
@pytest.mark.slow
def test_pictures_are_taken_from_a_store(elasticsearch_url: str, tmp_path: Path) -> None:
    from deploy.preview.__main__ import main
    from stores.opening import open_store

    store = open_store(f"sqlite:{tmp_path / 'store.db'}", readonly=False)
    store.put(seed.records())
    store.close()
    result = CliRunner().invoke(
        main,
        [
            "--records",
            f"sqlite:{tmp_path / 'store.db'}",
            "--elasticsearch",
            elasticsearch_url,
            "--into",
            str(tmp_path),
        ],
        standalone_mode=False,
    )
    assert result.exception is None, result.output
    for board in DASHBOARDS:
        assert (tmp_path / f"kibana-{board.key}.png").read_bytes().startswith(b"\x89PNG")
