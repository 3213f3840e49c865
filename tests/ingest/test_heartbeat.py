from __future__ import annotations

from datetime import timedelta

from ingest.heartbeat import CanaryClock, counted, coverage
from riftwatch.records import Coverage, FeedState
from tests.ingest.samples import NOW

HOUR = NOW.replace(minute=0, second=0, microsecond=0)


def test_polls_are_counted_by_hour() -> None:
    state = FeedState(feed_id="f", url="u", publisher="a")
    for minutes, count in ((0, 1), (59 - NOW.minute, 2), (60, 1), (61, 2)):
        state = counted(state, NOW + timedelta(minutes=minutes))
        assert state.heard == count


def test_each_feed_of_a_publisher_has_its_own_record_under_the_publishers_name() -> None:
    states = [FeedState(feed_id=one, url="u", publisher="a", heard_hour=HOUR, heard=3) for one in ("f", "g")]
    told = [coverage(one) for one in states]
    assert [one.record for one in told] == [Coverage(hour=HOUR, publisher="a", heard=3)] * 2
    assert [one.key for one in told] == [f"{HOUR:%Y-%m-%dT%H}|a|f", f"{HOUR:%Y-%m-%dT%H}|a|g"]


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
