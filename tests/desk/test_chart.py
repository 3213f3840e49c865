from __future__ import annotations

from datetime import UTC, date, datetime

from desk.chart import chart
from desk.names import Names
from desk.wording import Wording
from riftwatch.records import SeriesPoint, Split
from tests.desk import newsroom

NAMES = Names(newsroom.ACTORS)


def day(bucket: str, mean: float | None) -> SeriesPoint:
    return SeriesPoint(
        subject="relation:musk|trump", bucket=bucket, mean=mean, low=mean, high=mean, n_stories=5, n_publishers=4,
        a_to_b=mean, languages={"de": Split(mean=0.5, n_stories=1, n_publishers=1)},
        newest_fetched_at=datetime(2025, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def test_each_day_has_its_place_and_a_day_without_value_has_none() -> None:
    points = [day("2025-01-20", 0.4), day("2025-01-23", -0.5)]
    drawn = chart(
        "relation:musk|trump", points, date(2025, 1, 19), date(2025, 1, 24), [], NAMES, Wording.load()
    )
    assert drawn.mean == (None, 0.4, None, None, -0.5, None)
    assert drawn.publishers == (0, 4, 0, 0, 4, 0)
    assert drawn.days[1] - drawn.days[0] == 86400
    assert [row.day for row in drawn.rows] == [date(2025, 1, 23), date(2025, 1, 20)]


def test_all_starts_with_the_first_day_and_lines_without_a_value_are_left_out() -> None:
    drawn = chart(
        "relation:musk|trump", [day("2025-01-20", 0.4)], None, date(2025, 1, 22), [], NAMES, Wording.load()
    )
    assert len(drawn.days) == 3
    assert [extra.label for extra in drawn.extras] == ["7-day mean", "German", "Elon Musk → Donald Trump"]


def test_only_shifts_inside_the_range_are_marked_and_keep_their_number() -> None:
    drawn = chart(
        "relation:musk|trump",
        [],
        date(2025, 1, 1),
        date(2025, 2, 1),
        newsroom.shifts()[:2],
        NAMES,
        Wording.load(),
    )
    assert [(mark.number, mark.shift_id) for mark in drawn.marks] == [(2, "91be77d4")]
    assert drawn.empty
