"""Charts by name as SVG: bars across or upright, heat maps. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TypeAlias

from deploy.dashboards.asking import Answer
from deploy.dashboards.panels import Chart, Matrix
from deploy.preview.charts import BOTTOM, LEFT, Box, Line, Point, grid, svg
from deploy.preview.figures import heat, label, moment, shade, shown, top

Called: TypeAlias = Mapping[str, str]  # key -> what people call it


def across(chart: Chart, lines: Sequence[Line], called: Called, size: Point) -> str:
    """Draw bars by name, stacked where there are several series: across, or upright."""
    keys = list(dict.fromkeys(str(key) for line in lines for key in line.points))
    totals = {key: sum(line.points.get(key, 0) for line in lines) for key in keys}
    keys.sort(key=lambda key: -totals[key])
    highest = top(list(totals.values()))
    if not chart.series[0].kind.startswith("bar_horizontal"):
        return _upright(keys, lines, called, highest, size)
    named, band = 130.0, min(26.0, (size[1] - 4) / max(1, len(keys)))
    parts = []
    for n, key in enumerate(keys):
        x, y = named, n * band + 3
        parts.append(
            f'<text x="{named - 8}" y="{y + band / 2 + 3:.1f}" text-anchor="end">{escape(called.get(key, key)[:20])}</text>'
        )
        for line in lines:
            width = (size[0] - named - 46) * line.points.get(key, 0) / highest
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{max(2, band - 5):.1f}" fill="{line.colour}"/>'
            )
            x += width
        parts.append(f'<text x="{x + 6:.1f}" y="{y + band / 2 + 3:.1f}">{label(totals[key])}</text>')
    return svg(size, parts)


def _upright(keys: Sequence[str], lines: Sequence[Line], called: Called, highest: float, size: Point) -> str:
    box = Box(*size, 0, highest)
    band = (size[0] - LEFT) / max(1, len(keys))
    parts = [grid(box)]
    for n, key in enumerate(keys):
        middle, base = LEFT + band * (n + 0.5), 0.0
        for line in lines:
            value = line.points.get(key, 0)
            y, height = box.y(base + value), box.y(base) - box.y(base + value)
            width = min(70.0, band * 0.6)
            parts.append(
                f'<rect x="{middle - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{line.colour}"/>'
            )
            base += value
        parts.append(
            f'<text x="{middle:.1f}" y="{size[1] - 5}" text-anchor="middle">{escape(called.get(key, key))}</text>'
        )
    return svg(size, parts)


def matrix(panel: Matrix, rows: Sequence[Answer], called: Called, size: Point) -> str:
    """Draw a heat map; scores bear their number, counts only their shade."""
    xs = sorted({row.keys[1] for row in rows}, key=str)
    ys = sorted({row.keys[0] for row in rows}, key=str)
    if not xs:
        return svg(size, [])
    named = 120.0
    wide, tall = (size[0] - named - 6) / len(xs), (size[1] - BOTTOM) / len(ys)
    most = max((row.values[0] or 0) for row in rows)
    parts = []
    for row in rows:
        value = row.values[0]
        if value is None:
            continue
        x, y = named + xs.index(row.keys[1]) * wide, ys.index(row.keys[0]) * tall
        colour, ink = heat(value) if panel.metric.scored else shade(value / most if most else 0)
        parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide - 1:.1f}" height="{tall - 1:.1f}" fill="{colour}"/>'
        )
        if panel.metric.scored:
            parts.append(
                f'<text x="{x + wide / 2:.1f}" y="{y + tall / 2 + 4:.1f}" text-anchor="middle" fill="{ink}">{shown(value, panel.metric)}</text>'
            )
    for n, key in enumerate(ys):
        parts.append(
            f'<text x="{named - 8}" y="{n * tall + tall / 2 + 4:.1f}" text-anchor="end">{escape(called.get(str(key), str(key))[:18])}</text>'
        )
    every = max(1, round(70 / wide))
    for n, key in enumerate(xs[::every]):
        text = f"{moment(key):%d %b}" if isinstance(key, int) else called.get(str(key), str(key))
        parts.append(
            f'<text x="{named + n * every * wide + wide / 2:.1f}" y="{size[1] - 5:.1f}" text-anchor="middle">{escape(text)}</text>'
        )
    return svg(size, parts)
