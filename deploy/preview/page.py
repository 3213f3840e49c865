"""A dashboard as a page of HTML: Kibana's grid, its controls, each panel with its answer. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from deploy.dashboards.asking import Answer, Span
from deploy.dashboards.boards import DASHBOARDS
from deploy.dashboards.model import Days
from deploy.dashboards.names import words
from deploy.dashboards.panels import Chart, Control, Dashboard, Matrix, Number, Placed, Table, Words, placed
from deploy.dashboards.place import Place, title
from deploy.preview.by_name import Called, across, matrix
from deploy.preview.charts import lines_of, over_time
from deploy.preview.figures import heat, shown

COLUMN_PX, ROW_PX, GAP_PX = 30, 28, 8
NOTICE = (
    "Preview, drawn by Riftwatch from its dashboard tables and the demo’s recorded feeds (invented outlets, a stepped"
    " clock: stories are fetched hours late and count as stored when fetched). This is not Kibana."
)
STYLE = f"""
* {{ box-sizing: border-box; }}
body {{ margin: 0; width: {48 * COLUMN_PX + 2 * GAP_PX}px; background: #f6f5f1; color: #1d1c19; padding: {GAP_PX}px;
  font: 13px/1.45 "Liberation Sans", "DejaVu Sans", Arial, sans-serif; }}
.notice {{ background: #3b3a36; color: #fff; padding: 5px 12px; margin: 0 4px 8px; border-radius: 4px; }}
.bar {{ display: flex; gap: 12px; align-items: center; padding: 2px 8px 8px; }}
.bar h1 {{ font-size: 17px; margin: 0 auto 0 0; }}
.control {{ background: #fff; border: 1px solid #d9d4c7; border-radius: 4px; }}
.control b {{ background: #efece4; padding: 4px 8px; display: inline-block; font-weight: 600; }}
.control span {{ padding: 4px 14px 4px 8px; color: #5c584e; }}
.grid {{ position: relative; }}
.panel {{ position: absolute; background: #fff; border: 1px solid #e0dcd0; border-radius: 5px; padding: 8px 10px; overflow: hidden; }}
h2 {{ font-size: 13px; margin: 0 0 4px; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }}
.words h3 {{ margin: 0 0 2px; font-size: 15px; }} .words p {{ margin: 0 0 3px; font-size: 12.5px; }}
.words a {{ color: #14508a; }}
.number b {{ display: block; font-weight: 600; }} .number {{ font-size: 13px; }}
.number span {{ font-size: 30px; line-height: 1.25; font-weight: 600; white-space: nowrap; }}
.number span.long {{ font-size: 18px; }}
svg {{ display: block; }} svg text {{ font-size: 11px; }} svg text:not([fill]) {{ fill: #5c584e; }}
svg .mark {{ fill: #1d1c19; font-weight: 600; }}
.legend {{ display: flex; flex-wrap: wrap; gap: 0 14px; font-size: 11.5px; height: 18px; overflow: hidden; }}
.legend i {{ display: inline-block; width: 10px; height: 10px; border-radius: 50%; margin-right: 5px; }}
table {{ border-collapse: collapse; width: 100%; font-size: 12px; }}
th {{ text-align: left; border-bottom: 1px solid #cfc9ba; padding: 3px 6px; vertical-align: bottom; }}
td {{ border-bottom: 1px solid #edeae2; padding: 3px 6px; vertical-align: top; }}
td.n, th.n {{ text-align: right; white-space: nowrap; }}
td.cut {{ max-width: 0; width: 60%; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
td a {{ color: #14508a; text-decoration: underline; white-space: nowrap; }}
.empty {{ color: #8b857a; padding-top: 12px; text-align: center; }}
"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the engine said of one panel: rows for each layer, and the moments to mark."""

    rows: tuple[Sequence[Answer], ...]
    marks: Sequence[tuple[datetime, str]] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """What all panels of a page share."""

    place: Place
    span: Span
    called: Called


def page(board: Dashboard, place: Place, span: Span, answers: Mapping[str, Drawn]) -> str:
    """Return the page of a dashboard."""
    scene = Scene(place, span, {key: name for known in words(place).values() for key, name in known.items()})
    spots = list(placed(board))
    height = max(spot.y + spot.h for spot in spots) * ROW_PX
    controls = "".join(
        f'<div class="control"><b>{control.title}</b><span>{escape(_chosen(control, scene))}</span></div>'
        for control in board.controls
    )
    panels = "".join(_panel(spot, board, scene, answers.get(spot.panel.key)) for spot in spots)
    times = f"{span.since:%d %b %Y} – {span.until:%d %b %Y}"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(board.title)}</title><style>{STYLE}</style>'
        f'<body><p class="notice">{NOTICE}</p><div class="bar"><h1>{escape(board.title)}</h1>{controls}'
        f'<div class="control"><b>Time</b><span>{times}</span></div></div>'
        f'<div class="grid" style="height:{height}px">{panels}</div></body></html>'
    )


def _chosen(control: Control, scene: Scene) -> str:
    chosen = scene.place.chosen(control).chosen
    return ", ".join(scene.called.get(key, key) for key in chosen) or "Any"


def _panel(spot: Placed, board: Dashboard, scene: Scene, answer: Drawn | None) -> str:
    width, height = spot.w * COLUMN_PX - GAP_PX, spot.h * ROW_PX - GAP_PX
    panel = spot.panel
    if isinstance(panel, Words):
        inner = f'<div class="words">{_words(scene.place.text(panel, board, DASHBOARDS))}</div>'
    elif isinstance(panel, Number):
        inner = _number(panel, answer)
    else:
        room = (width - 20.0, height - 40.0)
        inner = f"<h2>{escape(title(panel))}</h2>" + _body(panel, answer, scene, room)
    where = f"left:{spot.x * COLUMN_PX + 4}px;top:{spot.y * ROW_PX}px;width:{width}px;height:{height}px"
    return f'<div class="panel" style="{where}">{inner}</div>'


def _body(
    panel: Chart | Matrix | Table, answer: Drawn | None, scene: Scene, room: tuple[float, float]
) -> str:
    if answer is None or not any(answer.rows):
        return '<p class="empty">No results found</p>'
    if isinstance(panel, Matrix):
        return matrix(panel, answer.rows[0], scene.called, room)
    if isinstance(panel, Table):
        return _table(panel, answer.rows[0], scene)
    lines = [
        line for one, rows in zip(panel.series, answer.rows, strict=True) for line in lines_of(one, rows)
    ]
    legend = ""
    if panel.legend:
        names = (
            f'<span><i style="background:{line.colour}"></i>{escape(scene.called.get(line.name, line.name))}</span>'
            for line in lines
        )
        legend, room = f'<div class="legend">{"".join(names)}</div>', (room[0], room[1] - 20)
    timed = isinstance(panel.series[0].along, Days)
    if timed:
        marks = [(when, scene.called.get(text, text)) for when, text in answer.marks]
        return over_time(panel, lines, scene.span, marks, room) + legend
    return across(panel, lines, scene.called, room) + legend


def _number(panel: Number, answer: Drawn | None) -> str:
    rows = answer.rows[0] if answer else []
    text = shown(rows[0].values[0], panel.metric) if rows else "–"
    long = ' class="long"' if len(text) > 10 else ""
    return f'<div class="number"><b>{escape(panel.metric.label)}</b><span{long}>{text}</span></div>'


def _table(panel: Table, rows: Sequence[Answer], scene: Scene) -> str:
    cut = {"news.title.raw", "news.sentence.raw", "error.message", "news.feed.detail"}
    fields = [None if isinstance(one, Days) else one.field for one in panel.rows]
    head = "".join(f"<th>{escape(one.label)}</th>" for one in panel.rows)
    head += "".join(f'<th class="n">{escape(one.label)}</th>' for one in panel.metrics)
    lines = []
    for row in rows[: panel.page]:
        cells = []
        for field, key in zip(fields, row.keys, strict=True):
            opens = panel.view.opens.get(field or "")
            text = (
                f'<a href="{escape(scene.place.address(opens[0]))}">{escape(opens[1])}</a>'
                if opens
                else escape(scene.called.get(str(key), str(key)))
            )
            cells.append(f"<td{' class=cut' if field in cut else ''}>{text}</td>")
        for metric, value in zip(panel.metrics, row.values, strict=True):
            colour, ink = heat(value) if metric.scored and value is not None else ("transparent", "inherit")
            cells.append(f'<td class="n" style="background:{colour};color:{ink}">{shown(value, metric)}</td>')
        lines.append(f"<tr>{''.join(cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _words(text: str) -> str:
    """Return the little Markdown that headers use: a heading, bold, code, links, paragraphs."""
    html = escape(text, quote=False)
    html = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html)
    html = re.sub(r"`(.+?)`", r"<code>\1</code>", html)
    html = re.sub(r"\[(.+?)\]\((.+?)\)", r'<a href="\2">\1</a>', html)
    head, _, rest = html.partition("\n")
    return f"<h3>{head.removeprefix('### ')}</h3>" + "".join(
        f"<p>{one}</p>" for one in rest.split("\n\n") if one
    )
