from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from training.relations import frames, generate
from training.relations.actors import Actor
from training.relations.render import render
from training.rows import TONE_CLASS, own_tones, relation_set

FOLDER = Path(frames.__file__).parent


# Any: lines of the corpus.
@pytest.fixture(scope="module")
def corpus() -> list[dict[str, Any]]:
    return [
        json.loads(line) for p in sorted(FOLDER.glob("*.jsonl")) for line in p.read_text("utf-8").splitlines()
    ]


def test_it_is_large_enough_and_half_german(corpus: list[dict[str, Any]]) -> None:
    german = sum(row["language"] == "de" for row in corpus)
    assert len(corpus) >= 3000
    assert 0.45 < german / len(corpus) < 0.55
    assert len(frames.load("de")) >= 150
    assert len(frames.load("en")) >= 120


def test_every_line_is_sound(corpus: list[dict[str, Any]]) -> None:
    for row in corpus:
        names = [row["text"][t["start"] : t["end"]] for t in row["targets"]]
        assert len(names) >= (1 if "tone" in row["targets"][0] else 2), row
        assert {t.get("tone", "neutral") for t in row["targets"]} <= set(TONE_CLASS), row
        assert all(name and name == name.strip() for name in names), row
        for said in row["relations"]:
            assert said["from"] != said["to"], row
            assert max(said["from"], said["to"]) < len(names), row
            assert said["label"] in {"hostile", "neutral", "friendly"}, row


def test_no_group_stands_on_two_sides_of_the_split(corpus: list[dict[str, Any]]) -> None:
    sides = defaultdict[str, set[str]](set)
    for row in corpus:
        sides[row["group"]].add(row["split"])
    assert all(len(splits) == 1 for splits in sides.values())


def test_held_out_templates_are_not_trained_on(corpus: list[dict[str, Any]]) -> None:
    for row in corpus:
        if row["template"] in generate.TEST_TEMPLATES[row["language"]]:
            assert row["split"] == "test", row


def test_unseen_news_is_tested_only(corpus: list[dict[str, Any]]) -> None:
    news = {row["text"] for row in corpus if row["template"] == "news"}
    assert len(news) >= 250
    assert not news & {row["text"] for row in corpus if row["split"] != "test"}


def test_both_languages_hold_out_the_same_families() -> None:
    for language in ("de", "en"):
        families = {f.family for f in frames.load(language)}
        assert families >= frames.TEST_FAMILIES | frames.DEV_FAMILIES


def test_render_marks_the_name_without_title_and_turns_the_object_around() -> None:
    keller = Actor("Keller", ("der Minister ", "den Minister ", "dem Minister "))
    drawn = render("{B!} kritisiert {A} scharf.", [Actor("Larsen"), keller, Actor("Voss")], "de")
    assert drawn is not None
    text, spans = drawn
    assert text == "Den Minister Keller kritisiert Larsen scharf."
    assert [text[a:b] for a, b in spans] == ["Larsen", "Keller"]


def test_an_object_whose_case_does_not_show_cannot_come_first() -> None:
    assert render("{B!} kritisiert {A}.", [Actor("Larsen"), Actor("Keller"), Actor("Voss")], "de") is None


def test_hand_notation() -> None:
    row = generate.hand_line(
        "[A] und [B] loben [C]. | 0=1 f, 0>2 h", "de", split="train", group="g", template="hand"
    )
    assert row["text"] == "A und B loben C."
    assert [(r["from"], r["to"], r["label"]) for r in row["relations"]] == [
        (0, 1, "friendly"),
        (1, 0, "friendly"),
        (0, 2, "hostile"),
    ]


def test_tone_notation_stands_beside_relations() -> None:
    row = generate.told_line(
        "[A] rügt [B] und lobt [C]. | 0>1 h, 1 -, 0>2 f, 2 +",
        "de",
        split="train",
        group="g",
        template="answer",
    )
    assert [t["tone"] for t in row["targets"]] == ["neutral", "negative", "positive"]
    assert [(r["from"], r["to"]) for r in row["relations"]] == [(0, 1), (0, 2)]


def test_every_target_of_a_told_sentence_is_a_tone_row_and_every_pair_a_relation() -> None:
    tones = own_tones("test", "news")
    pairs = relation_set("test", "news")
    assert {r.text for r in pairs} < {r.text for r in tones}
    assert all(len(r.spans) == 1 and r.tone in TONE_CLASS.values() for r in tones)
    assert all(len(r.relations) == len(r.spans) * (len(r.spans) - 1) for r in pairs)
