from __future__ import annotations

from datetime import UTC, date, datetime

from desk.spark import HEIGHT, WIDTH, spark
from riftwatch.records import SeriesPoint


def day(bucket: str, mean: float | None, stories: int = 3) -> SeriesPoint:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    return SeriesPoint(subject="tone:musk", bucket=bucket, mean=mean, n_stories=stories, newest_fetched_at=at)


def test_a_gap_breaks_the_line_and_a_lone_day_is_a_dot() -> None:
    points = [
        day("2025-01-01", 0.1),
        day("2025-01-02", 0.2),
        day("2025-01-04", -1.0),
        day("2025-01-05", None, 0),
    ]
    drawn = spark(points, date(2025, 1, 7), 7)
    assert len(drawn.lines) == 1
    assert len(drawn.dots) == 2, "the lone day, and the newest day once more"
    assert drawn.dots[-1][1] == HEIGHT - 2.5, "-1 lies at the bottom"
    assert len(drawn.bars) == 3


def test_everything_stays_in_the_picture() -> None:
    points = [day(f"2025-01-{n:02d}", (-1.0) ** n, n) for n in range(1, 31)]
    drawn = spark(points, date(2025, 1, 30), 30)
    numbers = [tuple(map(float, spot.split(","))) for line in drawn.lines for spot in line.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in [*numbers, *drawn.dots])
    assert all(0 <= x <= WIDTH - 3 and y >= 0 and y + high <= HEIGHT + 0.1 for x, y, high in drawn.bars)


def test_days_outside_the_window_are_left_out() -> None:
    assert spark([day("2024-12-01", 0.4)], date(2025, 1, 30), 30).lines == ()
    assert spark([], date(2025, 1, 30), 30).bars == ()
