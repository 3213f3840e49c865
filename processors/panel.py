"""The panel: the voices of one subject in order of time, and the questions that the rule asks of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from processors.contributions import Voice
from processors.rules import Rules
from processors.windows import DAY_S, Baseline, Window, error_of, level, summarise

HOUR_S = 3600
WINDOWS_KEPT = 64
Spans = tuple[tuple[int, int], ...]  # first and last day


class Ended(Protocol):
    """What a baseline must know of an episode that is over."""

    @property
    def onset(self) -> int: ...  # noqa: D102
    @property
    def ended(self) -> int | None: ...  # noqa: D102
    @property
    def normal(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Look:
    """A test window held against a baseline."""

    window: Window
    delta: float
    z: float

    @property
    def sign(self) -> int:
        """The direction: -1 down, +1 up."""
        return 1 if self.delta > 0 else -1


class Panel:
    """The voices of one subject, with days and baselines remembered."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._voices: list[Voice] = []
        self._times: list[int] = []
        self._newest = -1  # day up to which anything may be remembered
        self._windows: dict[tuple[int, int, str], Window | None] = {}  # by positions and model
        self._days: dict[tuple[int, str], Window | None] = {}
        self._baselines: dict[tuple[int, int, Spans, str], Baseline | None] = {}

    def truncate(self, at: int) -> None:
        """Drop the voices from time `at` on."""
        keep = bisect_right(self._times, at - 1)
        del self._voices[keep:], self._times[keep:]
        self.forget(at)

    def extend(self, voices: Iterable[Voice]) -> None:
        """Add voices that follow those there."""
        self._voices.extend(voices)
        self._times.extend(voice.at for voice in self._voices[len(self._times) :])

    def forget(self, at: int) -> None:
        """Forget what was remembered of the day of `at` and of later ones."""
        day = at // DAY_S
        self._windows.clear()
        if day <= self._newest:  # a story that comes in its time changes nothing that was remembered
            self._days = {key: window for key, window in self._days.items() if key[0] < day}
            self._baselines = {key: value for key, value in self._baselines.items() if key[0] <= day}
            self._newest = day

    def drop(self, before: int) -> None:
        """Drop the voices that are older than `before`; what was derived from them stays."""
        old = bisect_right(self._times, before - 1)
        del self._voices[:old], self._times[:old]
        day = before // DAY_S
        self._windows.clear()
        self._days = {key: window for key, window in self._days.items() if key[0] >= day}
        self._baselines = {key: value for key, value in self._baselines.items() if key[0] > day}

    def between(self, since: int, until: int) -> Sequence[Voice]:
        """Return the voices after `since` and up to `until`."""
        return self._voices[bisect_right(self._times, since) : bisect_right(self._times, until)]

    def spoke(self, since: int, until: int) -> bool:
        """Whether anyone spoke after `since` and up to `until`."""
        return bisect_right(self._times, since) < bisect_right(self._times, until)

    def first_after(self, at: int) -> int | None:
        """Return the time of the first voice after `at`."""
        index = bisect_right(self._times, at)
        return self._times[index] if index < len(self._times) else None

    def look(self, since: int, until: int, baseline: Baseline) -> Look | None:
        """Hold the voices after `since` and up to `until` against a baseline; None if nobody spoke."""
        first, last = bisect_right(self._times, since), bisect_right(self._times, until)
        window = self._window(first, last, baseline.model)
        if window is None:
            return None
        delta = window.mean - baseline.mean
        error = error_of(window, baseline, self._rules)
        z = delta / (error**2 + baseline.error**2) ** 0.5
        return Look(window, delta, z)

    def _window(self, first: int, last: int, model: str) -> Window | None:
        # While an episode is open every hour looks back, and in most hours nobody spoke.
        key = (first, last, model)
        if key not in self._windows:
            if len(self._windows) >= WINDOWS_KEPT:
                self._windows.clear()
            self._windows[key] = summarise(_of_model(self._voices[first:last], model))
        return self._windows[key]

    def _model(self, hour: int) -> str:
        """Return the model that spoke last."""
        last = bisect_right(self._times, hour)
        return self._voices[last - 1].row.model if last else ""

    def baseline(self, hour: int, test_hours: int, ended: Sequence[Ended]) -> Baseline | None:
        """Return the level before a test window, None if it is too thin.

        It is made of whole days and ends one window before the test window begins. It leaves out the spans of
        episodes that are over and begins no earlier than a level that became the new normal. When its usual
        days are thin it reaches back further. A new model begins with a new baseline.
        """
        rules = self._rules
        end = (hour - 2 * test_hours * HOUR_S) // DAY_S
        floor = max((episode.onset // DAY_S for episode in ended if episode.normal), default=0)
        recent = hour - rules.exclude_days * DAY_S
        out = tuple(
            (episode.onset // DAY_S, episode.ended // DAY_S)
            for episode in ended
            if not episode.normal and episode.ended is not None and episode.ended > recent
        )
        key = (end, floor, out, self._model(hour))
        if key not in self._baselines:
            self._newest = max(self._newest, end)
            self._baselines[key] = self._level(*key)
        return self._baselines[key]

    def _level(self, end: int, floor: int, out: Spans, model: str) -> Baseline | None:
        days: dict[int, Window] = {}
        for day in range(end - 1, max(floor, end - self._rules.baseline_reach_days) - 1, -1):
            if any(first <= day <= last for first, last in out):
                continue
            if end - day > self._rules.baseline_days and (enough := level(days, self._rules, model)):
                return enough
            window = self._day(day, model)
            if window is not None:
                days[day] = window
        return level(days, self._rules, model)

    def _day(self, day: int, model: str) -> Window | None:
        if (day, model) not in self._days:
            voices = self.between(day * DAY_S - 1, (day + 1) * DAY_S - 1)
            self._days[day, model] = summarise(_of_model(voices, model))
        return self._days[day, model]


def _of_model(voices: Iterable[Voice], model: str) -> Iterable[Voice]:
    return (voice for voice in voices if voice.row.model == model)
