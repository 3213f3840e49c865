"""Numbers, times and scales of the drawings. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from deploy.dashboards.model import Metric
from deploy.dashboards.words import SCORE_STEPS

LINES = ("#7a5195", "#2a8a78", "#b0661a", "#466bb5", "#a3440a", "#6b705c", "#b5838d", "#457b9d")
LIGHT_INK, DARK_INK = "#ffffff", "#1d1c19"


def shown(value: float | None, metric: Metric) -> str:
    """Return a value as Kibana would show it."""
    if value is None:
        return "–"
    if metric.format == "date":
        return f"{moment(value):%d %b %Y, %H:%M}"
    if metric.format == "signed":
        return f"{value:+.2f}".replace("-", "−")
    return f"{value:,.{metric.decimals}f}"


def moment(milliseconds: float) -> datetime:
    """Return a time from milliseconds since 1970."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def heat(score: float) -> tuple[str, str]:
    """Return the colour of a score and of the text on it."""
    colour = next(colour for edge, colour in reversed(SCORE_STEPS) if score >= edge or edge == -1)
    return colour, LIGHT_INK if abs(score) >= 0.5 else DARK_INK


def shade(share: float) -> tuple[str, str]:
    """Return the colour of a count between none (0) and the most (1), and of the text on it."""
    steps = ("#eef6f3", "#cfe7e0", "#9fd0c3", "#62b29f", "#2a8a78")
    place = min(len(steps) - 1, int(share * len(steps)))
    return steps[place], LIGHT_INK if place == len(steps) - 1 else DARK_INK


def ticks(low: float, high: float, many: int = 4) -> list[float]:
    """Return round values from low to high, about `many` of them."""
    if high <= low:
        return [low]
    rough = (high - low) / many
    unit: float = 10 ** math.floor(math.log10(rough))
    step = next(factor * unit for factor in (1, 2, 2.5, 5, 10) if factor * unit >= rough)
    first = math.ceil(low / step)
    return [n * step for n in range(first, math.floor(high / step) + 1)]


def days(since: datetime, until: datetime, many: int) -> list[datetime]:
    """Return about `many` moments between two, evenly."""
    length = (until - since) / many
    return [since + length * (n + 0.5) for n in range(many)]


def label(value: float) -> str:
    """Return a value of an axis."""
    text = f"{value:,.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
    return text.replace("-", "−")


def top(values: Sequence[float]) -> float:
    """Return where an axis of counts ends: a little above the largest."""
    return max([1.0, *(value * 1.05 for value in values)])
