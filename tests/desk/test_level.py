from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from desk.level import level_at, level_of, weekly
from riftwatch.records import SeriesPoint


def day(bucket: str, mean: float | None, publishers: int = 1, stories: int = 2) -> SeriesPoint:
    return SeriesPoint(
        subject="relation:musk|trump", bucket=bucket, mean=mean, n_publishers=publishers, n_stories=stories,
        newest_fetched_at=datetime(2025, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def test_days_weigh_as_much_as_their_publishers() -> None:
    level = level_of([day("2025-01-20", 0.5, 1), day("2025-01-22", -0.5, 3)])
    assert level is not None
    assert level.mean == pytest.approx(-0.25)
    assert (level.day, level.stories, level.publishers, level.thin) == ("2025-01-22", 4, 3, True)


def test_it_looks_back_seven_days_and_no_further() -> None:
    points = [day("2025-01-15", 1.0, 9), day("2025-01-16", 0.2, 4), day("2025-01-22", 0.2, 4)]
    level = level_of(points)
    assert level is not None
    assert level.mean == pytest.approx(0.2)
    assert not level.thin


def test_it_ends_with_the_newest_day_that_has_a_value() -> None:
    level = level_of([day("2025-01-10", 0.3), day("2025-01-22", None, 0, 0)])
    assert level is not None
    assert level.day == "2025-01-10"
    assert level_of([]) is None
    assert level_at([day("2025-01-01", 0.3)], date(2025, 1, 8)) is None


def test_the_line_of_weeks_is_drawn_where_four_publishers_speak() -> None:
    row = [day("2025-01-01", 0.4, 2), None, day("2025-01-03", 0.8, 2), *[None] * 4, None]
    assert [None if mean is None else round(mean, 2) for mean in weekly(row)] == [
        None, None, 0.6, 0.6, 0.6, 0.6, 0.6, None,
    ]  # fmt: skip
