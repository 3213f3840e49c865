from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from desk.figures import Times, decimal, is_thin, level, short, signed, thousands
from desk.wording import Wording


@pytest.mark.parametrize(
    ("score", "shown"),
    [(0.31, "+0.31"), (-0.52, "−0.52"), (0, "0.00"), (-0.004, "0.00"), (1, "+1.00"), (-1.0, "−1.00"), (None, "–")],
)  # fmt: skip
def test_signed(score: float | None, shown: str) -> None:
    assert signed(score) == shown


@pytest.mark.parametrize(
    ("score", "step"),
    [(None, "none"), (0.09, "z"), (-0.1, "n1"), (0.25, "p2"), (-0.49, "n2"), (-0.5, "n3"), (0.9, "p3")],
)
def test_steps_of_colour_are_the_same_on_both_sides(score: float | None, step: str) -> None:
    assert level(score) == step
    if score:
        assert level(-score)[1:] == step[1:]


def test_plain_numbers() -> None:
    assert thousands(1234567) == "1\u202f234\u202f567"
    assert (decimal(5), decimal(-2.54), short(3.0), short(2.5)) == ("5.0", "−2.5", "3", "2.5")


def test_four_publishers_are_enough() -> None:
    assert is_thin(3)
    assert not is_thin(4)


def test_times_are_told_in_utc() -> None:
    times = Times(Wording.load())
    berlin = timezone(timedelta(hours=1))
    assert times.moment(datetime(2025, 1, 22, 0, 5, tzinfo=berlin)) == "21 Jan 2025, 23:05 UTC"
    assert times.day(datetime(2025, 1, 22, 0, 5, tzinfo=berlin)) == "21 Jan 2025"
    assert times.day(date(2025, 12, 1)) == "1 Dec 2025"
    assert times.moment(datetime(2025, 1, 22, 14, tzinfo=UTC)) == "22 Jan 2025, 14:00 UTC"


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0 seconds"),
        (1, "1 second"),
        (119, "1 minute"),
        (7200, "2 hours"),
        (90000, "1 day"),
        (864000, "10 days"),
    ],
)
def test_spans(seconds: int, shown: str) -> None:
    assert Times(Wording.load()).span(timedelta(seconds=seconds)) == shown
