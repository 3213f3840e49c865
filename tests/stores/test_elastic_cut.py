from __future__ import annotations

from datetime import UTC, datetime

import orjson

from stores.base import Stored
from stores.elastic_cut import MAX_CONTENT, cut_document
from stores.elastic_documents import document_of
from tests.stores.samples import dead_letter, shift, story

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_long_story_keeps_everything_but_the_end_of_its_content() -> None:
    long = story("s1", "musk", revision=3, content="ä" * (MAX_CONTENT + 1))
    whole, cut = document_of(long, "x", NOW), cut_document(long, "x", NOW)
    assert cut is not None
    assert (cut.index, cut.id, cut.version) == (whole.index, whole.id, whole.version)
    source = orjson.loads(cut.source)
    assert source["tags"] == ["truncated"]
    assert source["news"]["body"] == source["record"]["content"] == "ä" * MAX_CONTENT + " […]"
    assert source["news"]["title"] == long.title
    assert len(cut.source) < 1_000_000  # what a proxy lets through by default


def test_a_dead_letter_loses_its_bytes_and_says_so() -> None:
    cut = cut_document(dead_letter(value=b"x" * 2_000_000, error="e" * 300), "x", NOW)
    assert cut is not None
    record = orjson.loads(cut.source)["record"]
    assert record["value"] is None
    assert record["error"].startswith("(bytes too large to store) ee")
    assert len(record["error"]) == 300


def test_what_is_short_already_is_not_cut() -> None:
    short: tuple[Stored, ...] = (story(), shift(), dead_letter(value=None))
    assert [cut_document(record, "x", NOW) for record in short] == [None] * 3
