from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from stores import sqlite_read
from stores.base import StoryQuery
from stores.sqlite import SqliteStore
from stores.sqlite_search import match_of, words_of
from stores.words import MAX_WORDS, stem
from tests.stores.samples import story


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.db")
    yield opened
    opened.close()


def test_words_lose_accents_case_and_punctuation() -> None:
    assert words_of("Die Zölle: “Musk’s” Trump-Regierung!") == ["die", "zolle", "musk", "trump", "regierung"]
    assert len(words_of("a " * 100)) == MAX_WORDS


@pytest.mark.parametrize(
    ("word", "expected"),
    [("hauser", "haus"), ("musks", "musk"), ("zoll", "zoll"), ("des", "des"), ("trump", "trump")],
)
def test_an_ending_goes_only_when_enough_is_left(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_every_word_is_quoted() -> None:
    assert match_of("NOT OR") == '("not" OR "not" *) AND ("or" OR "or" *)'


def test_words_that_are_everywhere_give_titles_first_then_the_newest(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_read, "RANKED", 3)
    monkeypatch.setattr(sqlite_read, "MAX_TOTAL", 8)
    store.put([story(f"s{n}", title="Zoll" if n in {1, 4} else "Auto", content="zoll") for n in range(10)])
    page = store.search(StoryQuery(text="zoll", limit=3))
    assert [found.story_id for found in page] == ["s4", "s9", "s8"]  # s1 is beyond what is counted
    assert page.total == 8
    rest = store.search(StoryQuery(text="zoll", limit=3, offset=3))
    assert [found.story_id for found in rest] == ["s7", "s6", "s5"]


def test_an_id_of_several_words_narrows_and_the_listing_decides(store: SqliteStore) -> None:
    store.put([story("s1", "deep-mind"), story("s2", "x-deep", "mind-y"), story("s3", "mind")])
    page = store.search(StoryQuery(text="musk doubts", entities=("deep-mind",)))
    assert [found.story_id for found in page] == ["s1"]
