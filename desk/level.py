"""The level of a subject: the mean of seven days, each with the weight of its independent publishers.

A single day of a seldom named pair is one outlet's sentence; a week is what a reader means by "now". It is shown,
never judged by: shifts are found from the contributions themselves, not from this.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec

from desk.figures import THIN_PUBLISHERS
from riftwatch.records import SeriesPoint

WEEK = timedelta(days=7)


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """The mean of the seven days that end with `day`."""

    day: str
    mean: float
    stories: int
    publishers: int  # most on one of the days: surely at least so many

    @property
    def thin(self) -> bool:
        """Whether too few publishers speak to rely on it."""
        return self.publishers < THIN_PUBLISHERS


def level_of(points: Sequence[SeriesPoint]) -> Level | None:
    """Return the level at the newest day that has a value; None when no day has one. Points: oldest first."""
    end = next((point.bucket for point in reversed(points) if point.mean is not None), None)
    return None if end is None else level_at(points, date.fromisoformat(end))


def level_at(points: Sequence[SeriesPoint], day: date) -> Level | None:
    """Return the level of the seven days that end with a day; None when none of them has a value."""
    start, end = (day - WEEK).isoformat(), day.isoformat()
    week = [(point, point.mean) for point in points if start < point.bucket <= end and point.mean is not None]
    weight = sum(point.n_publishers for point, _ in week)
    if not weight:
        return None
    return Level(
        day=end,
        mean=sum(mean * point.n_publishers for point, mean in week) / weight,
        stories=sum(point.n_stories for point, _ in week),
        publishers=max(point.n_publishers for point, _ in week),
    )


def weekly(row: Sequence[SeriesPoint | None]) -> list[float | None]:
    """Return the mean of the seven days up to each day of a row without holes; None where it would be thin."""
    means: list[float | None] = []
    for place in range(len(row)):
        week = [
            point
            for point in row[max(0, place - WEEK.days + 1) : place + 1]
            if point and point.mean is not None
        ]
        weight = sum(point.n_publishers for point in week)
        total = sum((point.mean or 0.0) * point.n_publishers for point in week)
        means.append(total / weight if weight >= THIN_PUBLISHERS else None)
    return means
