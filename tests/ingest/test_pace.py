from __future__ import annotations

from ingest.pace import Pace


def test_two_starts_to_one_domain_are_a_gap_apart_and_others_are_free() -> None:
    pace = Pace(5.0)
    pace.started("a.example", 100.0)
    assert not pace.may_start("a.example", 104.9)
    assert pace.may_start("a.example", 105.0)
    assert pace.may_start("b.example", 100.0)


def test_no_more_than_two_run_at_once() -> None:
    pace = Pace(5.0)
    pace.started("a.example", 0.0)
    pace.started("a.example", 5.0)
    assert not pace.may_start("a.example", 1000.0)
    pace.ended("a.example", 1.0)
    assert pace.may_start("a.example", 1000.0)


def test_a_slow_host_is_left_alone_for_longer() -> None:
    pace = Pace(5.0)
    pace.started("a.example", 0.0)
    pace.ended("a.example", 20.0)
    pace.started("a.example", 20.0)
    pace.ended("a.example", 20.0)
    assert not pace.may_start("a.example", 59.0)
    assert pace.may_start("a.example", 60.0)


def test_a_gap_of_0_turns_politeness_off() -> None:
    pace = Pace(0.0)
    for _ in range(10):
        pace.started("a.example", 0.0)
    assert pace.may_start("a.example", 0.0)


def test_a_poller_with_a_third_of_the_feeds_keeps_three_gaps() -> None:
    pace = Pace(5.0)
    pace.share(4, 12)
    pace.started("a.example", 100.0)
    assert not pace.may_start("a.example", 114.9)
    assert pace.may_start("a.example", 115.0)
    pace.ended("a.example", 0.0)
    pace.share(0, 12)
    pace.started("a.example", 200.0)
    assert pace.may_start("a.example", 205.0)
