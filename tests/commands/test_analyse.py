"""`riftwatch analyse`: one answer a line, in order, whatever comes in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from commands.analyse import answers
from processors.analyse import Analyser
from processors.asked import Asked
from processors.judge import SentenceReading
from riftwatch.publishers import Publishers
from riftwatch.watchlist import Watchlist
from tests.fakes import FakeJudge

WATCHLIST = Watchlist.load(Path(__file__).parents[2] / "config" / "watchlist.toml")
PUBLISHERS = Publishers([])


def run(*lines: dict[str, object] | bytes, judge: FakeJudge | None = None) -> list[dict[str, Any]]:
    raw: Iterable[bytes] = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in lines]
    return list(answers(raw, Analyser(WATCHLIST, judge or FakeJudge()), PUBLISHERS))


def test_the_answer_has_the_documented_shape() -> None:
    [answer] = run(
        {"id": "a", "title": "Musk attackiert Trump", "summary": "Der Republikaner schweigt.", "extra": 1}
    )
    assert list(answer) == ["id", "language", "entities", "mentions", "tones", "relations"]
    assert (answer["id"], answer["language"], answer["entities"]) == ("a", "de", ["musk", "trump"])
    assert answer["mentions"][0] == {
        "entity": "musk", "field": "title", "start": 0, "end": 4, "text": "Musk", "via": "alias",
    }  # fmt: skip
    assert set(answer["tones"]["trump"]) == {"label", "score", "confidence"}
    relation = answer["relations"]["musk|trump"]
    assert list(relation) == ["label", "score", "confidence", "a_to_b", "b_to_a", "evidence"]
    assert relation["label"] == relation["a_to_b"]["label"] == "hostile"
    assert set(relation["b_to_a"]) == {"label", "score"}
    assert relation["evidence"][0]["sentence"] == "Musk attackiert Trump"


def test_any_one_text_is_enough() -> None:
    for field in ("title", "summary", "content"):
        [answer] = run({"id": 1, field: "Musk lobt Trump"})
        assert answer["relations"]["musk|trump"]["label"] == "friendly"


def test_bad_lines_keep_their_place_and_stop_nothing() -> None:
    found = run(
        {"id": 1, "title": "Musk lobt Trump"},
        b"{nope",
        {"id": 2},
        {"title": "without an id"},
        {"id": 3, "title": "x", "published": "gestern"},
        {"id": 4, "title": 7},
        b"\xff\xfe",
        b"   ",
        {"id": 5, "title": "Musk rügt Trump", "published": "2025-01-22"},
    )
    assert [answer["id"] for answer in found] == [1, None, 2, None, 3, 4, None, 5]
    assert ["error" in answer for answer in found] == [False, True, True, True, True, True, True, False]


def test_a_failing_story_costs_only_itself() -> None:
    class Failing(FakeJudge):
        def read_all(self, asked: Sequence[Asked]) -> list[SentenceReading]:
            if any("boom" in one.text for one in asked):
                raise RuntimeError("boom")
            return super().read_all(asked)

    found = run({"id": 1, "title": "boom Musk"}, {"id": 2, "title": "Musk"}, judge=Failing())
    assert "RuntimeError" in found[0]["error"]
    assert found[1]["entities"] == ["musk"]


def test_large_and_odd_texts_are_answered() -> None:
    found = run(
        {"id": 1, "content": "Musk lobt Trump. " * 300_000},
        {"id": 2, "title": "Musk\u0000Trump \ud83d\ude80 İ"},
        {"id": 3, "title": "a" * 100_000 + " Musk"},
        {"id": 4, "title": "", "summary": " ", "content": "Trump"},
    )
    assert [answer.get("entities") for answer in found] == [
        ["musk", "trump"],
        ["musk", "trump"],
        ["musk"],
        ["trump"],
    ]
