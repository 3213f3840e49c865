"""An episode: a span in which a subject stood away from its level, and the states of the fold that finds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from processors.windows import Baseline
from riftwatch.records import WindowMean

ChangeState = Literal["opened", "strengthened", "settled"]


@dataclass(frozen=True, slots=True)
class Change:
    """A change of an episode's state, at an hour of the grid."""

    state: ChangeState
    at: int
    statistic: float
    effect: float
    before: WindowMean
    after: WindowMean


@dataclass(frozen=True, slots=True)
class Episode:
    """A span in which a subject stood away from its level."""

    sign: int  # -1 down, +1 up
    onset: int
    detected: int
    since: int  # start of the test window that rang
    baseline: Baseline  # stays the one before the episode
    changes: tuple[Change, ...]
    backfill: bool  # rests on back-filled stories only
    ended: int | None = None
    normal: bool = False  # ended because its level became the new normal

    @property
    def last(self) -> Change:
        """The newest change of state."""
        return self.changes[-1]


@dataclass(frozen=True, slots=True)
class State:
    """All that a step knows of the past, besides the voices."""

    open: Episode | None = None
    clear_since: int | None = None  # hour since which the level is back
    thin_since: int | None = None  # hour since which too few speak to tell
    closed: tuple[Episode, ...] = ()
