from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.pace import SLOWEST, Bucket


def test_two_starts_are_a_gap_apart() -> None:
    bucket = Bucket(5.0)
    bucket.started(100.0)
    assert not bucket.may_start(104.9)
    assert bucket.may_start(105.0)


def test_no_more_than_two_run_at_once() -> None:
    bucket = Bucket(5.0)
    bucket.started(0.0)
    bucket.started(5.0)
    assert not bucket.may_start(1000.0)
    bucket.ended(1.0)
    assert bucket.may_start(1000.0)


def test_a_slow_host_is_left_alone_for_longer() -> None:
    bucket = Bucket(5.0)
    for start in (0.0, 20.0):
        bucket.started(start)
        bucket.ended(20.0)
    assert not bucket.may_start(59.0)
    assert bucket.may_start(60.0)


def test_a_gap_of_0_turns_politeness_off() -> None:
    bucket = Bucket(0.0)
    for _ in range(10):
        bucket.started(0.0)
    assert bucket.may_start(0.0)


def test_a_bucket_of_five_allows_five_at_once_and_then_one_a_gap() -> None:
    bucket = Bucket(1.0, capacity=5, parallel=100)
    started = [at / 10 for at in range(100) if _start(bucket, at / 10)]
    assert started == [0, 0.1, 0.2, 0.3, 0.4, *range(1, 10)]


def test_a_plea_to_ask_less_often_doubles_the_gap_and_good_answers_shorten_it_again() -> None:
    bucket = Bucket(5.0)
    gaps = []
    for refused in [True] * 6 + [False] * 12:
        bucket.started(0.0)
        bucket.ended(0.0, refused=refused)
        gaps.append(bucket.pace_s)
    assert gaps[:5] == [10, 20, 40, 80, 80]
    assert max(gaps) == 5 * SLOWEST
    assert gaps[-1] == 5.0


@given(
    st.floats(0.1, 60),
    st.integers(1, 8),
    st.lists(st.floats(0, 5), min_size=1, max_size=200),
    st.floats(1, 12),
)
def test_no_window_ever_holds_more_starts_than_tokens(
    gap: float, capacity: int, steps: list[float], pollers: float
) -> None:
    bucket = Bucket(gap, capacity, parallel=1000)
    at, starts = 0.0, []
    for step in steps:
        at += step
        if _start(bucket, at, pollers):
            starts.append(at)
    for first in starts:
        window = [one for one in starts if first <= one < first + 10 * gap]
        assert len(window) <= capacity + 10


def _start(bucket: Bucket, at: float, pollers: float = 1.0) -> bool:
    may = bucket.may_start(at)
    if may:
        bucket.started(at, pollers)
        bucket._under_way = 0
    return may
