"""What a panel counts: views, metrics, buckets, and the layers made of them. No form of Kibana's is known here.

A layer is one question to the engine: a view, conditions, buckets from the outermost inwards, metrics. Both emitters and
`asking` read the same layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as of
from typing import Literal, TypeAlias

from deploy.dashboards.conditions import Condition

Operation: TypeAlias = Literal[
    "count", "sum", "average", "min", "max", "median", "percentile", "unique_count"
]
Format: TypeAlias = Literal["number", "signed", "date"]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A data view: an index under a name for people, with its time and what a click on a value opens."""

    key: str
    title: str
    family: str  # of stores/elastic_families.py
    time: str | None  # None: a table of the present state, which no range of time cuts
    opens: Mapping[str, tuple[str, str]] = of(default_factory=dict)  # field -> (address, words to click)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number over the documents of a bucket."""

    operation: Operation
    label: str  # with the unit, where there is one
    field: str | None = None  # count alone needs none
    where: tuple[Condition, ...] = ()
    percentile: int = 95
    format: Format = "number"
    decimals: int = 0
    colour: str | None = None
    scored: bool = False  # a score in [-1, 1]: tables colour it


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """One bucket a day, or an hour, of the view's time."""

    every: Literal["1d", "1h"] = "1d"
    label: str = "Day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """The values of a field with the most of a metric, or all of them in alphabetical order (`by` None)."""

    field: str
    label: str
    size: int = 10
    by: int | None = 0  # which metric of the layer decides
    lowest: bool = False
    colours: Mapping[str, str] = of(default_factory=dict)


Bucket: TypeAlias = Days | Top


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One question to the engine."""

    view: View
    metrics: tuple[Metric, ...]
    buckets: tuple[Bucket, ...] = ()  # outermost first
    where: tuple[Condition, ...] = ()
