"""Records: every past version still decodes, and nothing undecodable passes the door."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from riftwatch import records as r
from riftwatch.errors import Reject
from tests.riftwatch.examples import EXAMPLES

FOLDER = Path(__file__).parent / "records"


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda e: type(e).__name__)
def test_committed_example_of_version_1_still_decodes(example: r.Record) -> None:
    committed = (FOLDER / f"{type(example).__name__}.v1.json").read_bytes()
    assert r.decode(committed, type(example)) == example


def test_every_record_has_an_example() -> None:
    assert {type(e) for e in EXAMPLES} == set(r.Record.__subclasses__())


@pytest.mark.parametrize("data", [None, b"", b"\xff\xfe", b"{}", b"[]", b'{"v":1,"story_id":3}'])
def test_undecodable_bytes_are_rejected(data: bytes | None) -> None:
    with pytest.raises(Reject, match="undecodable"):
        r.decode(data, r.FeedItem)


def test_a_record_nested_beyond_measure_is_rejected() -> None:
    with pytest.raises(Reject, match="undecodable"):
        r.decode(b'{"x":' + b"[" * 100_000, r.Story)


@pytest.mark.parametrize(
    "hour", ["2025-01-01T00:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"]
)
def test_a_time_without_a_place_on_the_axis_of_utc_is_rejected(hour: str) -> None:
    with pytest.raises(Reject, match="undecodable: hour is no time in UTC"):
        r.decode(b'{"publisher":"p","heard":1,"hour":"%s"}' % hour.encode(), r.Coverage)


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    there = r.decode(b'{"publisher":"p","heard":1,"hour":"2025-01-01T02:00:00+02:00"}', r.Coverage)
    assert there.hour == datetime(2025, 1, 1, tzinfo=UTC)


def test_unknown_fields_are_ignored_so_that_newer_writers_do_no_harm() -> None:
    data = b'{"hour":"2025-01-22T14:00:00Z","publisher":"a","heard":1,"new":true}'
    assert r.decode(data, r.Coverage).heard == 1


def test_the_readings_topic_tells_readings_from_ticks() -> None:
    for example in EXAMPLES:
        if isinstance(example, r.Reading | r.Tick):
            assert r.decode_reading(r.encode(example)) == example


def test_pairs_are_named_alphabetically() -> None:
    assert r.relation_subject("trump", "musk") == "relation:musk|trump"
    assert r.subject_entities("relation:musk|trump") == ("musk", "trump")
    assert r.subject_entities(r.tone_subject("musk")) == ("musk",)
