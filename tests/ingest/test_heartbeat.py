from __future__ import annotations

from datetime import datetime, timedelta

from ingest.heartbeat import CanaryClock, CoverageCount
from riftwatch.records import Coverage
from tests.ingest.samples import NOW


def heard(count: CoverageCount, publisher: str, now: datetime) -> tuple[str, int]:
    out = count.heard(publisher, now)
    assert isinstance(out.record, Coverage)
    return out.key, out.record.heard


def test_polls_are_counted_by_hour_and_publisher() -> None:
    count, later = CoverageCount(), NOW + timedelta(hours=1)
    assert heard(count, "a", NOW) == ("2025-01-22T14|a", 1)
    assert heard(count, "a", NOW + timedelta(minutes=59)) == ("2025-01-22T14|a", 2)
    assert heard(count, "b", NOW) == ("2025-01-22T14|b", 1)
    assert heard(count, "a", later) == ("2025-01-22T15|a", 1)
    assert heard(count, "a", NOW) == ("2025-01-22T14|a", 3)


def test_only_the_last_two_hours_are_kept() -> None:
    count = CoverageCount()
    for hour in range(100):
        heard(count, "a", NOW + timedelta(hours=hour))
    assert len(count._heard) == 2


def test_canaries_on_the_wall_clock_come_every_minute() -> None:
    clock = CanaryClock(60.0, stepped=False)
    assert clock.is_due(NOW, 0.0)
    clock.sent(NOW, 0.0)
    assert not clock.is_due(NOW + timedelta(seconds=59), 100.0)
    assert clock.is_due(NOW + timedelta(seconds=60), 60.0)


def test_canaries_on_a_stepped_clock_come_at_every_step_and_again_every_two_seconds() -> None:
    clock = CanaryClock(60.0, stepped=True)
    clock.sent(NOW, 10.0)
    assert not clock.is_due(NOW, 11.9)
    assert clock.is_due(NOW, 12.0)
    assert clock.is_due(NOW + timedelta(seconds=1), 10.1)
