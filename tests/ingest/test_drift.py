"""Clocks that jump: plans keep their distance, and no feed waits for a year that was a mistake."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from ingest.drift import Drift, from_the_future, moved
from ingest.state import fresh
from tests.ingest.samples import FEED, NOW

HOUR = timedelta(hours=1)
STATE = replace(fresh(FEED), polled_at=NOW, next_poll_at=NOW + HOUR)


@pytest.mark.parametrize("hours", [-1, 1, 24 * 365, -24 * 365])
def test_a_jump_is_noticed_and_the_plan_moves_with_it(hours: int) -> None:
    drift = Drift()
    assert drift.jump(NOW, 100.0) == timedelta()
    assert drift.jump(NOW + timedelta(seconds=5), 105.0) == timedelta()
    jump = drift.jump(NOW + timedelta(seconds=10) + hours * HOUR, 110.0)
    assert jump == hours * HOUR
    assert moved(STATE, jump).next_poll_at == NOW + HOUR + hours * HOUR
    assert drift.jump(NOW + timedelta(seconds=15) + hours * HOUR, 115.0) == timedelta()


def test_a_slow_correction_is_none() -> None:
    drift = Drift()
    drift.jump(NOW, 0.0)
    assert drift.jump(NOW + timedelta(seconds=30), 0.0) == timedelta()


def test_a_state_from_the_future_is_brought_back() -> None:
    late = replace(STATE, polled_at=NOW + 1000 * HOUR, next_poll_at=NOW + 1001 * HOUR)
    assert from_the_future(late, NOW).next_poll_at == NOW + HOUR
    assert from_the_future(STATE, NOW) == STATE
    assert from_the_future(fresh(FEED), NOW) == fresh(FEED)
    assert moved(fresh(FEED), HOUR) == fresh(FEED)
