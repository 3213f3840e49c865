from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from processors.contributions import Contribution
from processors.rules import Rules
from processors.series import point
from processors.signature import signature
from processors.watch import Watcher
from riftwatch.records import Reading, SeriesPoint
from tests.processors.readings import PAIR, START, reading, row

RULES = Rules(version="test")
DAY = int(START.timestamp()) // 86_400
TEXTS = [
    signature(title="", summary="", content=" ".join(f"w{n}{k}" for n in range(60))) for k in range(2)
] + [""]


def point_of(rows: list[Contribution], copies: tuple[str, ...] = ()) -> SeriesPoint:
    return point(PAIR, DAY, rows, copies, START, RULES)


def test_the_mean_is_over_publishers_not_over_stories() -> None:
    flood = [row(f"s{n}", n / 10, -1.0, publisher="loud") for n in range(100)]
    found = point_of([*flood, row("t", 11, 0.5, publisher="calm")])
    assert found.mean == pytest.approx(-0.25)
    assert (found.n_stories, found.n_publishers) == (101, 2)


def test_an_agency_is_one_witness_whoever_prints_it() -> None:
    papers = [row(f"s{n}", n, -0.6, publisher=f"paper{n}", wire="dpa") for n in range(5)]
    found = point_of([*papers, row("t", 6, 0.2, publisher="own")])
    assert found.n_publishers == 2
    assert found.mean == pytest.approx(-0.2)


def test_copies_are_shown_as_reach_and_count_nothing() -> None:
    rows = [row("a", 0, -0.5), row("b", 1, -0.5, publisher="x"), row("c", 2, 0.5, publisher="y")]
    found = point_of(rows, ("b",))
    assert (found.n_stories, found.n_publishers, found.n_copies) == (2, 2, 1)
    assert found.mean == 0.0


def test_the_silent_weigh_nothing() -> None:
    found = point_of([row("a", withdrawn=True), row("b", label="unknown")])
    assert found.mean is None
    assert found.low is None
    assert found.n_publishers == 0
    assert found.bucket == "2025-01-01"


def test_languages_and_directions_are_split() -> None:
    rows = [
        row("a", 0, -0.5, language="de", a_to_b=-0.8, b_to_a=0.1, publisher="x"),
        row("b", 1, 0.1, language="en", a_to_b=-0.2, publisher="y"),
    ]
    found = point_of(rows)
    assert found.languages["de"].mean == -0.5
    assert found.languages["en"].n_publishers == 1
    assert found.a_to_b == pytest.approx(-0.5)
    assert found.b_to_a == pytest.approx(0.1)


def test_the_interval_shrinks_with_publishers_and_stays_on_the_scale() -> None:
    few = point_of([row(f"s{n}", n, 0.2 * (n - 1), publisher=f"p{n}") for n in range(3)])
    many = point_of([row(f"s{n}", n / 2, 0.2 * (n % 3 - 1), publisher=f"p{n}") for n in range(30)])
    assert few.low is not None
    assert few.high is not None
    assert many.low is not None
    assert many.high is not None
    assert many.high - many.low < (few.high - few.low) / 2
    edge = point_of([row("a", 0, 0.95)])
    assert edge.high == 1.0
    assert edge.low is not None
    assert edge.low >= -1.0


def test_the_interval_holds_what_it_promises() -> None:
    rng = random.Random(3)
    held = 0
    for _ in range(400):
        found = point_of([row(f"s{n}", n, rng.gauss(0.1, 0.3), publisher=f"p{n}") for n in range(5)])
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.1 <= found.high
    assert 0.92 <= held / 400 <= 1.0


readings = st.builds(
    reading,
    st.sampled_from([f"s{n}" for n in range(8)]),
    st.floats(0, 100),
    st.floats(-1, 1),
    revision=st.integers(1, 3),
    publisher=st.sampled_from(["a", "b", "c"]),
    wire=st.sampled_from([None, None, "dpa"]),
    language=st.sampled_from(["de", "en"]),
    signature=st.sampled_from(TEXTS),
    label=st.sampled_from(["hostile", "neutral", "unknown"]),
    withdrawn=st.booleans(),
)


def series_of(delivered: list[Reading], *, tick_after: int) -> dict[str, SeriesPoint]:
    watcher, points = Watcher(RULES), dict[str, SeriesPoint]()
    for number, one in enumerate(delivered):
        watcher.absorb(one)
        if number % tick_after == 0:
            points |= {told.bucket: told for told in watcher.tick(START + timedelta(days=5)).points}
    points |= {told.bucket: told for told in watcher.tick(START + timedelta(days=5)).points}
    return points


def stripped(points: dict[str, SeriesPoint]) -> dict[str, tuple[object, ...]]:
    """Drop the days that nobody speaks of (any more)."""
    return {
        bucket: (told.mean, told.low, told.high, told.n_stories, told.n_copies, told.languages)
        for bucket, told in points.items()
        if told.n_stories
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(readings, max_size=20), st.randoms(use_true_random=False), st.integers(1, 7))
def test_any_order_and_number_of_deliveries_give_the_same_series(
    delivered: list[Reading], rng: random.Random, tick_after: int
) -> None:
    shuffled = delivered * rng.randint(1, 3)
    rng.shuffle(shuffled)
    in_order = stripped(series_of(delivered, tick_after=1_000))
    assert stripped(series_of(shuffled, tick_after=tick_after)) == in_order
