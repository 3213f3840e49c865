from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dates import placed, readable

NOW = datetime(2025, 1, 22, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("claimed", "read"),
    [
        ("2025-01-22T14:10:00+01:00", "2025-01-22T13:10:00Z"),
        ("Wed, 22 Jan 2025 14:10:00 GMT", "2025-01-22T14:10:00Z"),
        ("Wed, 22 Jan 2025 14:10:00", "2025-01-22T14:10:00Z"),
        ("2025-01-22T14:10:00", "2025-01-22T14:10:00Z"),
        ("2025-01-22", "2025-01-22"),
        ("22.01.2025", "2025-01-22"),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_read_as_feeds_write_them(claimed: str, read: str | None) -> None:
    assert readable(claimed) == read


@pytest.mark.parametrize(
    ("published", "at", "confidence"),
    [
        ("2025-01-22T13:10:00Z", NOW - timedelta(minutes=50), "claimed"),
        ("2025-01-22T14:30:00Z", NOW, "claimed"),  # clocks are off by minutes: not in the future, not flagged
        ("2025-01-22T15:30:00Z", NOW, "clamped"),
        ("2026-01-22T14:00:00Z", NOW, "clamped"),
        ("1970-01-01T00:00:00Z", NOW, "clamped"),
        ("1994-12-31T00:00:00Z", NOW, "clamped"),
        ("2025-01-21", NOW.replace(day=21, hour=12), "day"),
        ("2025-01-23", NOW, "clamped"),
        (None, NOW, "missing"),
        ("nonsense", NOW, "missing"),
    ],
)
def test_a_date_is_never_believed_beyond_the_time_of_fetching(
    published: str | None, at: datetime, confidence: str
) -> None:
    found = placed(published, NOW)
    assert (found.at, found.confidence) == (at, confidence)


def test_a_bare_day_before_its_noon_is_now() -> None:
    early = NOW.replace(hour=8)
    assert placed("2025-01-22", early).at == early


@given(st.text(max_size=40))
def test_no_text_makes_it_raise_and_nothing_is_placed_in_the_future(claimed: str) -> None:
    assert placed(readable(claimed), NOW).at <= NOW
