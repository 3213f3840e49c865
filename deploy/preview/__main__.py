"""Draws every dashboard: python -m deploy.preview --records sqlite:data/demo/store.db --elasticsearch http://localhost:9200.

Fills indices of its own on that engine (riftwatch-preview-…), asks what the panels ask, takes the pictures
with Chromium, deletes the indices.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

import click
from elasticsearch import Elasticsearch

from deploy.dashboards.asking import Span, body, marks_body, moments, rows
from deploy.dashboards.boards import DASHBOARDS
from deploy.dashboards.conditions import Condition, OneOf
from deploy.dashboards.panels import Chart, Dashboard, Panel, placed
from deploy.dashboards.place import Place
from deploy.preview.page import COLUMN_PX, GAP_PX, Drawn, page
from riftwatch.clock import WallClock
from riftwatch.records import Coverage, DeadLetter, Evidence, FeedState, SeriesPoint, Shift, Story
from riftwatch.settings import ROOT, Settings
from riftwatch.watchlist import Watchlist
from stores.base import Store, Stored
from stores.elastic_client import connect
from stores.elastic_deploy import apply
from stores.elastic_documents import document_of
from stores.elastic_templates import templates
from stores.opening import open_store

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
KINDS: tuple[type[Stored], ...] = (Story, Evidence, SeriesPoint, Shift, FeedState, Coverage, DeadLetter)
MANY = 500  # documents in a request


def day(text: str) -> datetime:
    """Read a day in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# Of the recorded demo: the months in which something happens on each.
SPANS = {
    "newsroom": Span(day("2025-01-05"), day("2025-02-05")),
    "relationship": Span(day("2024-12-01"), day("2025-03-01")),
    "actor": Span(day("2024-12-01"), day("2025-03-01")),
    "coverage": Span(day("2025-01-12"), day("2025-01-26")),
    "operations": Span(day("2025-01-22"), day("2025-01-25")),
}


@click.command()
@click.option(
    "--records", required=True, help="Store whose records are drawn, such as sqlite:data/demo/store.db."
)
@click.option("--elasticsearch", "url", required=True, help="Engine that counts them.")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=IMAGES,
    help="Folder for the pictures.",
)
def main(records: str, url: str, into: Path) -> None:
    """Draw every dashboard from the records of a store."""
    watchlist = Watchlist.load(ROOT / "config" / "watchlist.toml")
    names = tuple((entity, watchlist.title(entity)) for entity in watchlist.actors)
    place = Place(prefix=f"riftwatch-preview-{uuid4().hex[:8]}", actors=names)
    now = WallClock().now()
    with closing(connect(Settings(), url)) as client, closing(open_store(records, readonly=True)) as store:
        apply(client, templates(place.prefix, plain_text=True), now)
        try:
            fill(client, store, place.prefix, now)
            for board in DASHBOARDS:
                take(
                    page(board, place, SPANS[board.key], answers(client, board, place)),
                    into / f"kibana-{board.key}.png",
                )
        finally:
            remove(client, place.prefix)


def fill(client: Elasticsearch, store: Store, prefix: str, now: datetime) -> None:
    """Write every record as its document. A store does not know when a record was written: it was when it was made."""
    for kind in KINDS:
        found: Iterable[Stored] = store.everything(kind)
        left = iter(found)
        while batch := list(islice(left, MANY)):
            lines: list[Any] = []  # Any: what the client takes
            for record in batch:
                made = record.fetched_at if isinstance(record, Story) else now
                document = document_of(record, prefix, made)
                lines += [{"index": {"_index": document.index, "_id": document.id}}, document.source]
            answer = client.bulk(operations=lines)
            assert not answer["errors"], answer["items"]
    client.indices.refresh(index=f"{prefix}-*")


def answers(client: Elasticsearch, board: Dashboard, place: Place) -> dict[str, Drawn]:
    """Ask what every panel of a dashboard asks."""
    controls = map(place.chosen, board.controls)
    chosen = tuple(OneOf(control.field, control.chosen) for control in controls if control.chosen)
    span = SPANS[board.key]
    return {spot.panel.key: _answer(client, spot.panel, place, span, chosen) for spot in placed(board)}


def _answer(
    client: Elasticsearch, panel: Panel, place: Place, span: Span, chosen: tuple[Condition, ...]
) -> Drawn:
    found = [
        rows(layer, client.search(index=place.index(layer.view), body=body(layer, span, chosen)).body)
        for layer in panel.layers
    ]
    if not isinstance(panel, Chart) or panel.marks is None:
        return Drawn(tuple(found))
    asked = marks_body(panel, panel.marks, span, chosen)
    marked = client.search(index=place.index(panel.marks.view), body=asked).body
    return Drawn(tuple(found), moments(panel.marks, marked))


def remove(client: Elasticsearch, prefix: str) -> None:
    """Delete what `main` has made."""
    for index in client.indices.get(index=f"{prefix}-*", expand_wildcards="all"):
        client.indices.delete(index=index)
    client.indices.delete_index_template(name=f"{prefix}-*")
    client.cluster.delete_component_template(name=f"{prefix}-*")


def take(html: str, picture: Path) -> None:
    """Draw a page with Chromium and write the picture; the page is kept beside it when there is no Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        sheet = browser.new_page(viewport={"width": 48 * COLUMN_PX + 2 * GAP_PX, "height": 800})
        sheet.set_content(html)
        sheet.screenshot(path=picture, full_page=True)
        browser.close()
    click.echo(f"{picture}")


if __name__ == "__main__":
    main()
