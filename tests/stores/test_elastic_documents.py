"""A record as a document: where it lies, under which id and version, and that nothing in it can fail a bulk."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest

from riftwatch.errors import Reject
from stores.base import Stored
from stores.elastic_documents import MAX_ID_BYTES, document_of, month_end
from stores.elastic_families import FAMILIES, family_of
from stores.elastic_fields import MAX_KEYWORD_BYTES
from tests.stores import samples
from tests.stores.full_records import FULL
from tests.stores.samples import T0, at, evidence, point, shift, story


def source_of(record: Stored) -> dict[str, Any]:  # Any: JSON
    found: dict[str, Any] = json.loads(document_of(record, "riftwatch", T0).source)
    return found


@pytest.mark.parametrize(
    ("record", "index", "key", "version"),
    [
        (story("s1", revision=3), "riftwatch-stories-2025.01", "s1", 3),
        (evidence("s1", day=10), "riftwatch-evidence-2025.02", "relation:musk|trump|s1", 1),
        (point(), "riftwatch-series", "relation:musk|trump|2025-01-22", 1737540000000),
        (shift(revision=2), "riftwatch-shifts", "abc123", 2),
        (samples.feed(), "riftwatch-feeds", "f1", 1737536400000),
        (samples.feed(polled_at=None), "riftwatch-feeds", "f1", 0),
        (samples.feed(polled_at=datetime(1969, 1, 1, tzinfo=T0.tzinfo)), "riftwatch-feeds", "f1", 0),
        (samples.coverage(heard=4), "riftwatch-coverage", "2025-01-22T09:00:00Z|herald", 4),
        (samples.dead_letter(attempt=2), "riftwatch-dead-letters", "riftwatch.items-0-7", 2),
        (samples.mail(), "riftwatch-mails", "abc123-1-x", 1),
    ],
)
def test_where_a_record_lies(record: Stored, index: str, key: str, version: int) -> None:
    document = document_of(record, "riftwatch", T0)
    assert (document.index, document.id, document.version) == (index, key, version)


def test_a_revision_lies_in_the_month_of_the_first_one_whatever_the_clock_says() -> None:
    revised = story(revision=2, published=at(400), fetched_at=at(400))
    assert (
        document_of(revised, "x", at(500)).index == document_of(story(), "x", T0).index == "x-stories-2025.01"
    )


def test_the_month_is_that_of_utc() -> None:
    east = datetime(2025, 2, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))
    assert document_of(story(first_published=east), "x", T0).index == "x-stories-2025.01"


def test_each_decision_has_an_id_of_its_own() -> None:
    decisions = [
        samples.decision(),
        samples.decision(day=1),
        samples.decision(who="ben"),
        samples.decision("x"),
    ]
    assert len({document_of(one, "x", T0).id for one in decisions}) == 4


@pytest.mark.parametrize("record", FULL, ids=lambda record: type(record).__name__)
def test_the_record_comes_back_exactly(record: Stored) -> None:
    document = document_of(record, "riftwatch", T0)
    assert msgspec.convert(json.loads(document.source)["record"], type(record)) == record
    assert b"\n" not in document.source  # a bulk takes one line


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (story("ä" * (MAX_ID_BYTES // 2 + 1)), "id may have 512 bytes"),
        (story(revision=2**63), "version"),
        (story(title="\ud800"), "surrogates not allowed"),
        (story("\ud800"), "surrogates not allowed"),
        (story(content="x" * 9_000_000), "bytes are too many"),
    ],
)
def test_what_would_fail_a_whole_bulk_is_rejected_alone(record: Stored, reason: str) -> None:
    with pytest.raises(Reject, match=reason):
        document_of(record, "riftwatch", T0)


def test_keywords_are_cut_between_two_characters_and_texts_and_the_record_are_not() -> None:
    long = "ä" * MAX_KEYWORD_BYTES
    source = source_of(story(url=f"https://a.example/x{long}", title=long, authors=(long,)))
    assert source["url"]["full"].encode() == source["url"]["full"].encode()[:MAX_KEYWORD_BYTES]
    assert len(source["url"]["full"].encode()) >= MAX_KEYWORD_BYTES - 1
    assert len(source["news"]["author"][0].encode()) == MAX_KEYWORD_BYTES - 1
    assert source["news"]["title"] == source["record"]["title"] == source["record"]["authors"][0] == long


def test_what_a_story_says_of_its_actors() -> None:
    news = source_of(FULL[0])["news"]
    assert news["entity_ids"] == ["musk", "trump"]
    assert news["pair"] == ["musk|trump"]
    musk, trump = news["entities"]
    assert (musk["surface"], musk["mentions"], musk["tone"]["label"]) == (["Musks", "Musk"], 2, "negative")
    assert (trump["via"], trump["tone"]) == (["description"], None)


def test_the_times_a_story_took() -> None:
    record = story(published=T0, fetched_at=T0 + timedelta(minutes=5))
    news = json.loads(document_of(record, "x", T0 + timedelta(minutes=6)).source)["news"]
    assert news["latency"] == {"fetch_s": 300.0, "store_s": 60.0}


def test_a_pair_and_an_actor_as_subjects() -> None:
    pair, actor = source_of(evidence())["news"], source_of(evidence(subject="tone:musk"))["news"]
    assert (pair["subject_kind"], pair["pair"], pair["entity_ids"]) == (
        "relation",
        "musk|trump",
        ["musk", "trump"],
    )
    assert (pair["relation"]["a"], pair["relation"]["b"]) == ("musk", "trump")
    assert (actor["subject_kind"], actor["entity_ids"], "pair" in actor) == ("tone", ["musk"], False)


@pytest.mark.parametrize("url", ["", "http://[", "nonsense"])
def test_an_address_that_is_none_stops_nothing(url: str) -> None:
    assert not (source_of(story(url=url))["url"] or {}).get("domain")


def test_what_no_store_keeps_is_named() -> None:
    from riftwatch.records import FeedItem

    with pytest.raises(TypeError, match="no store keeps FeedItem"):
        family_of(FeedItem)


def test_a_month_ends_where_the_next_begins() -> None:
    assert [f"{month_end(f'riftwatch-stories-{month}'):%Y-%m-%d}" for month in ("2024.02", "2024.12")] == [
        "2024-03-01", "2025-01-01",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="does not match"):
        month_end("riftwatch-stories-backup")


def test_families_that_age_name_a_field_and_a_time() -> None:
    for family in FAMILIES.values():
        assert (family.age is None) == (family.keep_days is None)
