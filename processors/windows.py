"""Means over independent witnesses: of a test window, and of a baseline of whole days.

A unit is a publisher's family, or the agency of an agency's text. A window's mean is the mean over units of
each unit's own mean: a thousand articles of one house weigh as much as one article of another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from processors.contributions import MICRO, Voice
from processors.intervals import around, moderated
from processors.rules import Rules
from riftwatch.records import WindowMean

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Window:
    """What the units said in a span of time."""

    means: dict[str, float]  # unit -> its mean, sorted by unit
    mean: float
    squares: float  # sum of squared deviations of the units from the mean
    stories: int
    days: int  # UTC days on which anything was said

    @property
    def n(self) -> int:
        """The number of independent units."""
        return len(self.means)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The level before, with the two variances that tell what chance does to it."""

    mean: float
    error: float  # standard error of the mean
    within: float  # variance between units on one day
    between: float  # variance between days: what one news day does to all units at once
    units: int
    days: int
    stories: int
    model: str = ""  # whose scores they are: another model's are on another scale

    @property
    def shown(self) -> WindowMean:
        """The level with its interval, for the record."""
        low, high = around(self.mean, self.error, max(4.0, self.days - 1.0))
        return WindowMean(mean=self.mean, low=low, high=high, n=self.units)


def summarise(voices: Iterable[Voice]) -> Window | None:
    """Return the window of some voices, None if there are none."""
    sums: dict[str, list[int]] = {}
    days = set()
    stories = 0
    for voice in voices:
        total = sums.setdefault(voice.unit, [0, 0])
        total[0] += voice.micro
        total[1] += 1
        days.add(voice.at // DAY_S)
        stories += 1
    if not sums:
        return None
    means = {unit: sums[unit][0] / sums[unit][1] / MICRO for unit in sorted(sums)}
    mean = sum(means.values()) / len(means)
    squares = sum((value - mean) ** 2 for value in means.values())
    return Window(means, mean, squares, stories, len(days))


def level(by_day: Mapping[int, Window], rules: Rules, model: str = "") -> Baseline | None:
    """Return the baseline of some days, by number, None if they are too thin to be one.

    Random effects over days (DerSimonian and Laird 1986): a day's mean varies with its units and with its news.
    Both variances are shrunk to their priors. Days in a row share part of their news.
    """
    days = list(by_day.values())
    stories = sum(day.stories for day in days)
    units = len(set().union(*(day.means for day in days)))
    thin = (
        len(days) < rules.baseline_min_days
        or stories < rules.baseline_min_stories
        or units < rules.baseline_min_publishers
    )
    if thin:
        return None
    within = moderated(
        sum(day.squares for day in days), sum(day.n - 1 for day in days), rules.sigma**2, rules.sigma_weight
    )
    between = _between(days, within, rules)
    weights = [1 / (between + within / day.n) for day in days]
    total = sum(weights)
    mean = sum(weight * day.mean for weight, day in zip(weights, days, strict=True)) / total
    in_a_row = sum(1 for day in by_day if day - 1 in by_day) / len(days)
    carried = between * (1 + (rules.carry_days - 1) * in_a_row)
    chance = sum(weight**2 * (carried + within / day.n) for weight, day in zip(weights, days, strict=True))
    error = math.sqrt(chance) / total
    return Baseline(mean, error, within, between, units, len(days), stories, model)


def _between(days: Sequence[Window], within: float, rules: Rules) -> float:
    """Return the variance between days beyond what their units explain."""
    weights = [day.n / within for day in days]
    total = sum(weights)
    centre = sum(weight * day.mean for weight, day in zip(weights, days, strict=True)) / total
    spread = sum(weight * (day.mean - centre) ** 2 for weight, day in zip(weights, days, strict=True))
    scale = total - sum(weight**2 for weight in weights) / total
    freedom = len(days) - 1
    estimate = max(0.0, (spread - freedom) / scale) if scale > 0 else 0.0
    return moderated(estimate * freedom, freedom, rules.tau**2, rules.tau_weight)


def error_of(window: Window, baseline: Baseline, rules: Rules) -> float:
    """Return the standard error of a test window's mean, given the variances of its baseline.

    News comes in runs: `carry_days` days in a row count as one draw of the day effect.
    """
    draws = max(1.0, window.days / rules.carry_days)
    own = moderated(window.squares, window.n - 1, baseline.within, rules.sigma_weight)
    return math.sqrt(baseline.between / draws + max(own, baseline.within) / window.n)


def shown(window: Window, baseline: Baseline, rules: Rules) -> WindowMean:
    """Return a test window's mean with its interval, for the record."""
    error = error_of(window, baseline, rules)
    low, high = around(window.mean, error, rules.sigma_weight + window.n - 1)
    return WindowMean(mean=window.mean, low=low, high=high, n=window.n)
