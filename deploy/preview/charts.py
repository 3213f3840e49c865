"""Charts along time as SVG: lines and stacked bars. Pure: rows of numbers in, text out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import pairwise

from deploy.dashboards.asking import Answer, Span
from deploy.dashboards.model import Days
from deploy.dashboards.panels import Chart, Series
from deploy.preview.figures import LINES, days, label, moment, ticks, top

Point = tuple[float, float]
LEFT, BOTTOM, TOP_GAP = 42, 20, 8
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One series: its name, its colour, its value at each key; a key without a value is a gap."""

    name: str
    colour: str
    points: Mapping[str | int, float]


@dataclass(frozen=True, slots=True)
class Box:
    """Where the drawing is, and what its edges mean."""

    width: float
    height: float
    low: float
    high: float

    def y(self, value: float) -> float:
        """Return how far down a value is drawn."""
        inner = self.height - BOTTOM - TOP_GAP
        return TOP_GAP + inner * (1 - (value - self.low) / (self.high - self.low))


def lines_of(series: Series, rows: Sequence[Answer]) -> list[Line]:
    """Return the lines or stacks of a series, each with its colour."""
    if series.split is None:
        return [
            Line(metric.label, metric.colour or LINES[n % len(LINES)], _points(rows, n, 0))
            for n, metric in enumerate(series.metrics)
        ]
    split, along = (0, 1) if series.split_first else (1, 0)
    names = sorted({str(row.keys[split]) for row in rows})
    return [
        Line(name, series.split.colours.get(name, LINES[n % len(LINES)]), _points(
            [row for row in rows if row.keys[split] == name], 0, along
        ))
        for n, name in enumerate(names)
    ]  # fmt: skip


def _points(rows: Iterable[Answer], metric: int, key: int) -> dict[str | int, float]:
    return {row.keys[key]: value for row in rows if (value := row.values[metric]) is not None}


def over_time(
    chart: Chart, lines: Sequence[Line], span: Span, marks: Sequence[tuple[datetime, str]], size: Point
) -> str:
    """Draw lines or stacked bars along time."""
    series = chart.series[0]
    stacked = series.kind != "line"
    low, high = chart.bounds or (0.0, _highest(lines, stacked=stacked))
    box = Box(*size, low, high)
    along = series.along
    step = DAY if isinstance(along, Days) and along.every == "1d" else HOUR

    def x(when: datetime) -> float:
        return LEFT + (size[0] - LEFT - 6) * ((when - span.since) / (span.until - span.since))

    drawn = [grid(box), _times(span, size, x)]
    if chart.zero:
        drawn.append(rule(LEFT, box.y(0), size[0], box.y(0), "#8b857a", "4 3"))
    if stacked:
        drawn.append(_bars(lines, box, x, step))
    else:
        drawn += [_line(line, box, x, step, dotted=chart.zero) for line in lines]
    for when, text in marks:
        drawn.append(rule(x(when), TOP_GAP, x(when), box.y(box.low), "#5c584e", ""))
        drawn.append(f'<text x="{x(when) + 4:.1f}" y="{TOP_GAP + 9}" class="mark">{escape(text)}</text>')
    return svg(size, drawn)


def _highest(lines: Sequence[Line], *, stacked: bool) -> float:
    if not stacked:
        return top([value for line in lines for value in line.points.values()])
    keys = {key for line in lines for key in line.points}
    return top([sum(line.points.get(key, 0) for line in lines) for key in keys])


def _bars(lines: Sequence[Line], box: Box, x: object, step: timedelta) -> str:
    assert callable(x)
    parts = []
    for key in sorted({int(key) for line in lines for key in line.points}):
        start = moment(key)
        left, right = x(start), x(start + step)
        base = 0.0
        for line in lines:
            value = line.points.get(key, 0)
            if value:
                y, height = box.y(base + value), box.y(base) - box.y(base + value)
                width = max(1.2, right - left - 1)
                parts.append(
                    f'<rect x="{left:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{line.colour}"/>'
                )
            base += value
    return "".join(parts)


def _line(line: Line, box: Box, x: object, step: timedelta, *, dotted: bool) -> str:
    """Draw a line; where values are missing it is dotted, or broken."""
    assert callable(x)
    parts: list[list[Point]] = []
    before: datetime | None = None
    for key in sorted(int(key) for key in line.points):
        when = moment(key)
        point = (x(when + step / 2), box.y(max(box.low, min(box.high, line.points[key]))))
        if before is None or when - before > step:
            parts.append([])
        parts[-1].append(point)
        before = when
    drawn = [_path(part, line.colour, "") for part in parts if len(part) > 1]
    gaps = (
        [_path([part[-1], other[0]], line.colour, "2 4") for part, other in pairwise(parts)] if dotted else []
    )
    dots = [
        f'<circle cx="{a:.1f}" cy="{b:.1f}" r="2" fill="{line.colour}"/>' for part in parts for a, b in part
    ]
    return "".join(gaps + drawn + dots)


def _path(points: Sequence[Point], colour: str, dashes: str) -> str:
    """Draw a line through points; a dotted one is thinner."""
    through = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    look = f'stroke-width="1" stroke-dasharray="{dashes}"' if dashes else 'stroke-width="1.8"'
    return f'<polyline points="{through}" fill="none" stroke="{colour}" {look}/>'


def grid(box: Box) -> str:
    """Draw the lines and numbers of the upright axis."""
    parts = []
    for value in ticks(box.low, box.high):
        y = box.y(value)
        parts.append(rule(LEFT, y, box.width, y, "#e6e3da", ""))
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{label(value)}</text>')
    return "".join(parts)


def _times(span: Span, size: Point, x: object) -> str:
    assert callable(x)
    long = span.until - span.since > timedelta(days=200)
    short = span.until - span.since <= timedelta(days=3)
    form = "%b %Y" if long else "%d %b, %H:%M" if short else "%d %b"
    many = max(2, int(size[0] / 110))
    return "".join(
        f'<text x="{x(when):.1f}" y="{size[1] - 5:.1f}" text-anchor="middle">{when:{form}}</text>'
        for when in days(span.since, span.until, many)
    )


def rule(x1: float, y1: float, x2: float, y2: float, colour: str, dashes: str) -> str:
    """Draw a straight line."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{dashed}/>'


def svg(size: Point, parts: Sequence[str]) -> str:
    """Return a drawing."""
    return f'<svg width="{size[0]:.0f}" height="{size[1]:.0f}" viewBox="0 0 {size[0]:.0f} {size[1]:.0f}">{"".join(parts)}</svg>'
