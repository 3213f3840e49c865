"""Which sentences and which pairs of names a judge is asked about."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from processors.entities import EntityFinder
from processors.passages import MAX_SENTENCES, Passage, neighbours, passages
from processors.sentences import sentences
from riftwatch.watchlist import Watchlist

FINDER = EntityFinder(Watchlist.load(Path(__file__).parents[2] / "config" / "watchlist.toml"))
DAY = date(2025, 6, 5)


def chosen(language: str = "de", **texts: str) -> list[Passage]:
    mentions = FINDER.find(texts, language, DAY)  # type: ignore[arg-type]
    return passages(sentences(texts, language), mentions)  # type: ignore[arg-type]


def asked(text: str, language: str = "de") -> set[str]:
    [passage] = chosen(language, title=text)
    return {f"{passage.entities[i]}>{passage.entities[j]}" for i, j in passage.pairs}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Musk's xAI raises $6bn", "en"),
        ("Elon Musk’s AI start-up xAI raises $6bn", "en"),
        ("Musks xAI sammelt Milliarden ein", "de"),
        ("Musks KI-Firma xAI sammelt Milliarden ein", "de"),
        ("xAI-Chef Musk reist nach Riad", "de"),
        ("OpenAI co-founder Elon Musk flies to Riyadh", "en"),
        ("OpenAI-Mitgründer Musk reist nach Riad", "de"),
    ],
)
def test_names_joined_in_one_phrase_are_no_relation(text: str, language: str) -> None:
    assert asked(text, language) == set()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Musk's criticism of xAI", "en"),
        ("Musk sues xAI", "en"),
        ("Musks Streit mit xAI", "de"),
        ("Trumps Vertrauter Musk tobt", "de"),
        ("Trump-Unterstützer Musk tobt", "de"),
        ("xAI, Musk und der Rest", "de"),
    ],
)
def test_other_names_side_by_side_are_asked_about(text: str, language: str) -> None:
    assert len(asked(text, language)) == 2


def test_a_joined_pair_is_asked_about_with_the_others_named() -> None:
    assert asked("Musk's xAI sues OpenAI", "en") == {"musk>openai", "openai>musk", "openai>xai", "xai>openai"}


def test_of_many_sentences_those_with_pairs_are_kept() -> None:
    text = " ".join(f"Musk ging {n} Meter." for n in range(60)) + " Trump traf Musk."
    found = chosen(content=text)
    assert len(found) == MAX_SENTENCES
    assert found[-1].sentence.text == "Trump traf Musk."


def test_neighbours_are_the_next_sentence_or_headline_and_lead() -> None:
    texts = {
        "title": "Musk tobt",
        "summary": "Es regnet. Trump lacht. Musk geht.",
        "content": "Trump bleibt.",
    }
    mentions = FINDER.find(texts, "de", DAY)  # type: ignore[arg-type]
    found = neighbours(sentences(texts, "de"), mentions, ("musk", "trump"))  # type: ignore[arg-type]
    assert [p.sentence.text for p in found] == ["Trump lacht. Musk geht."]
    texts = {"title": "Musk tobt", "summary": "Trump lacht.", "content": ""}
    mentions = FINDER.find(texts, "de", DAY)  # type: ignore[arg-type]
    [passage] = neighbours(sentences(texts, "de"), mentions, ("musk", "trump"))  # type: ignore[arg-type]
    assert passage.sentence.text == "Musk tobt. Trump lacht."
    assert [passage.sentence.text[a:b] for a, b in passage.spans] == ["Musk", "Trump"]
