"""A series as the columns a chart draws: one value a day, nothing where there is nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

import msgspec

from desk.level import weekly
from desk.names import Names
from desk.wording import Wording
from riftwatch.records import SeriesPoint, Shift, subject_entities

LONG_DAYS = 120  # as in chart.js
Column = tuple[float | None, ...]


class Extra(msgspec.Struct, frozen=True, kw_only=True):
    """A line that can be shown beside the mean: the week, a language or a direction."""

    key: str
    label: str
    values: Column


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """A shift on the time axis; times in seconds since 1970."""

    number: int  # as in the list of shifts beside the chart
    shift_id: str
    direction: str
    state: str
    onset: float
    detected: float


class Row(NamedTuple):
    """A day of a chart, for readers who want numbers."""

    day: date
    mean: float
    low: float | None
    high: float | None
    publishers: int
    stories: int


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a chart, a value a day from the first to the last."""

    subject: str
    days: tuple[int, ...]  # seconds since 1970, 00:00 UTC
    mean: Column
    low: Column
    high: Column
    publishers: tuple[int, ...]
    stories: tuple[int, ...]
    extras: tuple[Extra, ...] = ()
    marks: tuple[Mark, ...] = ()

    @property
    def long(self) -> bool:
        """Whether there are so many days that the week is the line and days are dots."""
        return len(self.days) > LONG_DAYS

    @property
    def rows(self) -> list[Row]:
        """The days that have a value, newest first."""
        columns = zip(self.days, self.mean, self.low, self.high, self.publishers, self.stories, strict=True)
        return [
            Row(datetime.fromtimestamp(second, UTC).date(), mean, low, high, publishers, stories)
            for second, mean, low, high, publishers, stories in reversed(list(columns))
            if mean is not None
        ]

    @property
    def empty(self) -> bool:
        """Whether there is no value to draw."""
        return all(value is None for value in self.mean)


def chart(
    subject: str,
    points: Sequence[SeriesPoint],
    since: date | None,
    until: date,
    shifts: Sequence[Shift],
    names: Names,
    wording: Wording,
) -> Chart:
    """Return the chart of a subject from `since` (None: its first day) to `until`."""
    known = {point.bucket: point for point in points}
    start = since or (date.fromisoformat(points[0].bucket) if points else until)
    days = [start + timedelta(days=n) for n in range((until - start).days + 1)]
    row = [known.get(day.isoformat()) for day in days]

    def column(pick: Callable[[SeriesPoint], float | None]) -> Column:
        return tuple(None if point is None else _short(pick(point)) for point in row)

    return Chart(
        subject=subject,
        days=tuple(_second(day) for day in days),
        mean=column(lambda point: point.mean),
        low=column(lambda point: point.low),
        high=column(lambda point: point.high),
        publishers=tuple(point.n_publishers if point else 0 for point in row),
        stories=tuple(point.n_stories if point else 0 for point in row),
        extras=(_week(row, wording), *_extras(subject, points, column, names, wording)),
        marks=_marks(shifts, start, until),
    )


def languages(points: Sequence[SeriesPoint]) -> list[str]:
    """Return the languages that a series holds, in alphabetical order."""
    return sorted({code for point in points for code in point.languages})


def _week(row: Sequence[SeriesPoint | None], wording: Wording) -> Extra:
    return Extra(key="week", label=wording.plain("chart.week"), values=tuple(map(_short, weekly(row))))


def _extras(
    subject: str,
    points: Sequence[SeriesPoint],
    column: Callable[[Callable[[SeriesPoint], float | None]], Column],
    names: Names,
    wording: Wording,
) -> list[Extra]:
    extras = [
        Extra(key=f"language-{code}", label=language_name(code, wording), values=column(_in_language(code)))
        for code in languages(points)
    ]
    entities = subject_entities(subject)
    if len(entities) == 2:
        a, b = map(names.actor, entities)
        extras += [
            Extra(key="a-to-b", label=f"{a} → {b}", values=column(lambda point: point.a_to_b)),
            Extra(key="b-to-a", label=f"{b} → {a}", values=column(lambda point: point.b_to_a)),
        ]
    return [extra for extra in extras if any(value is not None for value in extra.values)]


def language_name(code: str, wording: Wording) -> str:
    """Return the name of a language; an unknown code stands for itself."""
    return wording.plain(f"language.{code}") if f"language.{code}" in wording else code


def _in_language(code: str) -> Callable[[SeriesPoint], float | None]:
    return lambda point: point.languages[code].mean if code in point.languages else None


def _marks(shifts: Sequence[Shift], start: date, until: date) -> tuple[Mark, ...]:
    return tuple(
        Mark(
            number=number,
            shift_id=shift.shift_id,
            direction=shift.direction,
            state=shift.state,
            onset=shift.onset.timestamp(),
            detected=shift.detected_at.timestamp(),
        )
        for number, shift in enumerate(shifts, 1)
        if start <= shift.detected_at.date() <= until
    )


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def _second(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
