"""When feeds are left alone because the broker is away."""

from __future__ import annotations

from ingest.standstill import LONGEST_PAUSE_S, Standstill


def test_while_the_broker_takes_everything_there_is_room() -> None:
    calm = Standstill()
    calm.acknowledged()
    assert (calm.holds, calm.may_try(0.0)) == (False, False)
    assert calm.room(0.0, 16, canary=True) == 16


def test_after_a_refusal_no_feed_is_fetched_until_a_canary_arrived() -> None:
    still = Standstill()
    still.refused(100.0)
    assert (still.may_try(101.9), still.may_try(102.0)) == (False, True)
    assert [still.room(at, 16, canary=True) for at in (100.0, 102.0, 999.0)] == [0, 0, 0]
    still.acknowledged()
    assert still.room(102.0, 16, canary=True) == 16


def test_without_a_canary_one_feed_is_the_trial() -> None:
    still = Standstill()
    still.refused(100.0)
    assert [still.room(at, 16, canary=False) for at in (101.9, 102.0)] == [0, 1]


def test_polls_refused_together_count_once_and_the_pause_grows_to_a_minute() -> None:
    still, at, pauses = Standstill(), 100.0, []
    for _ in range(8):
        for _ in range(16):
            still.refused(at)
        began = at
        while not still.may_try(at):
            at += 0.5
        pauses.append(at - began)
    assert pauses == [2, 4, 8, 16, 32, LONGEST_PAUSE_S, LONGEST_PAUSE_S, LONGEST_PAUSE_S]
