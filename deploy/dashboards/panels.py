"""The words in which dashboards are written: panels, rows, controls. No form of Kibana's is known here.

A panel that counts has layers (see model); rows give every panel its place, so none can overlap another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from deploy.dashboards.conditions import Condition
from deploy.dashboards.model import Bucket, Days, Layer, Metric, Top, View

WIDTH = 48  # columns of Kibana's grid
Kind: TypeAlias = Literal[
    "line", "area_stacked", "bar", "bar_stacked", "bar_horizontal", "bar_horizontal_stacked"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A text, in Markdown; {desk} and {links} are filled in."""

    key: str
    text: str
    layers: tuple[Layer, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number under its label."""

    key: str
    view: View
    metric: Metric
    where: tuple[Condition, ...] = ()
    about: str = ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The one question behind it."""
        return (Layer(view=self.view, metrics=(self.metric,), where=self.where),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What one layer of a chart draws: metrics along an axis, split by a field or not."""

    kind: Kind
    metrics: tuple[Metric, ...]
    along: Bucket
    split: Top | None = None

    @property
    def split_first(self) -> bool:
        """Whether the split is counted over the whole range: along time it is, along names each name is split."""
        return self.split is not None and isinstance(self.along, Days)

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets, outermost first."""
        if self.split is None:
            return (self.along,)
        return (self.split, self.along) if self.split_first else (self.along, self.split)


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Moments on a chart's time axis: one vertical line for each document.

    Kibana applies the chart's own conditions to them, too: those must be on fields that both views have.
    """

    view: View
    time: str
    label: str
    where: tuple[Condition, ...] = ()
    shows: tuple[str, ...] = ()  # fields in the note that opens at the line
    text: str | None = None  # the field whose value stands beside the line
    colour: str = "#5c584e"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines, areas or bars; all layers read one view under the same conditions."""

    key: str
    title: str
    view: View
    series: tuple[Series, ...]
    where: tuple[Condition, ...] = ()
    marks: Marks | None = None
    zero: bool = False  # a chart of scores: a line at zero, and dots across days without a value
    bounds: tuple[float, float] | None = None
    legend: bool = True
    about: str = ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """A question for each series."""
        return tuple(
            Layer(
                view=self.view,
                where=self.where,
                buckets=one.buckets,
                metrics=one.metrics,
            )
            for one in self.series
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A heat map of two buckets; scores are coloured from hostile to friendly, counts from few to many."""

    key: str
    title: str
    view: View
    x: Bucket
    y: Top
    metric: Metric
    where: tuple[Condition, ...] = ()
    about: str = ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The one question behind it."""
        return (Layer(view=self.view, where=self.where, buckets=(self.y, self.x), metrics=(self.metric,)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of values with their numbers; `newest` or largest first is decided by the first row's `by`."""

    key: str
    title: str
    view: View
    rows: tuple[Bucket, ...]
    metrics: tuple[Metric, ...]
    where: tuple[Condition, ...] = ()
    page: Literal[10, 20, 30, 50, 100] = 10
    about: str = ""

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The one question behind it."""
        return (Layer(view=self.view, where=self.where, buckets=self.rows, metrics=self.metrics),)


Panel: TypeAlias = Words | Number | Chart | Matrix | Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A choice at the top that holds for every panel."""

    key: str
    title: str
    view: View
    field: str
    single: bool = False
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """Panels side by side, each with its width; the widths add up to 48."""

    height: int
    panels: tuple[tuple[int, Panel], ...]

    def __post_init__(self) -> None:
        if sum(width for width, _ in self.panels) != WIDTH:
            raise ValueError(
                f"the widths of {[panel.key for _, panel in self.panels]} must add up to {WIDTH}"
            )


def row(height: int, *panels: Panel) -> Row:
    """Return a row of panels of equal width."""
    return Row(height, tuple((WIDTH // len(panels), panel) for panel in panels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A page in Kibana."""

    key: str
    title: str
    answers: str  # the question it answers, in one sentence
    since: str  # the range of time it opens with, such as now-30d
    rows: tuple[Row, ...]
    controls: tuple[Control, ...] = ()
    refresh_s: int = 0  # 0: only when somebody asks


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel with its place on the grid."""

    panel: Panel
    x: int
    y: int
    w: int
    h: int


def placed(dashboard: Dashboard) -> Iterator[Placed]:
    """Yield the panels with their places, row by row: nothing overlaps and nothing is left empty."""
    y = 0
    for line in dashboard.rows:
        x = 0
        for width, panel in line.panels:
            yield Placed(panel, x, y, width, line.height)
            x += width
        y += line.height
