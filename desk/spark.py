"""Sparklines: a few days of a subject as the points of an inline SVG, gaps left open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from riftwatch.records import SeriesPoint

WIDTH, HEIGHT = 120, 32
_EDGE = 2.5  # keeps dots inside the picture


class Spark(msgspec.Struct, frozen=True, kw_only=True):
    """Lines, and dots for days that stand alone, in a box of WIDTH x HEIGHT with zero in the middle."""

    lines: tuple[str, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()
    bars: tuple[tuple[float, float, float], ...] = ()  # stories a day: x, y, height


def spark(points: Sequence[SeriesPoint], until: date, days: int) -> Spark:
    """Return the sparkline of the days up to `until`; scores run over the whole scale, -1 to 1."""
    start = until - timedelta(days=days - 1)
    step = (WIDTH - 2 * _EDGE) / max(1, days - 1)
    placed = [(point, (date.fromisoformat(point.bucket) - start).days) for point in points]
    placed = [(point, day) for point, day in placed if 0 <= day < days]
    runs = _runs([(day, point.mean) for point, day in placed if point.mean is not None])
    spots = [[(round(_EDGE + day * step, 1), _y(mean)) for day, mean in run] for run in runs]
    return Spark(
        lines=tuple(" ".join(f"{x},{y}" for x, y in run) for run in spots if len(run) > 1),
        dots=tuple(run[0] for run in spots if len(run) == 1) + tuple(run[-1] for run in spots[-1:]),
        bars=_bars([(day, point.n_stories) for point, day in placed], step),
    )


def _runs(values: Sequence[tuple[int, float]]) -> list[list[tuple[int, float]]]:
    """Split values into runs of days without a gap."""
    runs: list[list[tuple[int, float]]] = []
    for day, mean in values:
        if runs and runs[-1][-1][0] == day - 1:
            runs[-1].append((day, mean))
        else:
            runs.append([(day, mean)])
    return runs


def _y(mean: float) -> float:
    return round(HEIGHT / 2 - mean * (HEIGHT / 2 - _EDGE), 1)


def _bars(counts: Sequence[tuple[int, int]], step: float) -> tuple[tuple[float, float, float], ...]:
    most = max((n for _, n in counts), default=0)
    heights = [(day, (HEIGHT - 2) * n / most) for day, n in counts if n]
    return tuple((round(day * step, 1), round(HEIGHT - high, 1), round(high, 1)) for day, high in heights)
