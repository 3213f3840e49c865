"""Writes deploy/kibana from the tables: python -m deploy.dashboards.build --help.

data-views.json and one <dashboard>.json each     Dashboards API: readable, comparable line by line
riftwatch.ndjson                                  the same as saved objects, for import into an older Kibana
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from deploy.dashboards import api_form, data_views, saved_objects
from deploy.dashboards.boards import DASHBOARDS
from deploy.dashboards.place import Place
from deploy.dashboards.views import VIEWS

HOME = Path(__file__).resolve().parent.parent / "kibana"


def files(place: Place) -> dict[str, bytes]:
    """Return every file by its name under deploy/kibana."""
    built = {"data-views.json": _pretty([data_views.for_api(view, place) for view in VIEWS])}
    for board in DASHBOARDS:
        built[f"{board.key}.json"] = _pretty(api_form.dashboard(board, place, DASHBOARDS))
    built["riftwatch.ndjson"] = saved_objects.ndjson(saved_objects.lines(DASHBOARDS, place))
    return built


def _pretty(value: Any) -> bytes:  # Any: JSON
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


@click.command()
@click.option(
    "--desk", default=Place().desk, show_default=True, help="Address of the desk as readers reach it."
)
@click.option("--prefix", default=Place().prefix, show_default=True, help="Prefix of the indices.")
@click.option(
    "--into", type=click.Path(path_type=Path, file_okay=False), default=HOME, help="Folder to write to."
)
def main(desk: str, prefix: str, into: Path) -> None:
    """Write both forms of every dashboard."""
    for name, content in files(Place(desk=desk, prefix=prefix)).items():
        (into / name).parent.mkdir(parents=True, exist_ok=True)
        (into / name).write_bytes(content)


if __name__ == "__main__":
    main()
