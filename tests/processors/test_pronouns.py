"""Who is meant by "he" and "the two", and what is left alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from processors.entities import MAX_MENTIONS, EntityFinder
from processors.passages import passages
from processors.pronouns import Followed, Follower
from processors.rivals import rival
from processors.sentences import sentences
from riftwatch.watchlist import Watchlist
from tests.work import lines_run

ROOT = Path(__file__).parents[2]
WATCHLIST = Watchlist.load(ROOT / "config" / "watchlist.toml")
FINDER, FOLLOWER = EntityFinder(WATCHLIST), Follower(WATCHLIST)
DAY = date(2025, 6, 5)
LINES = (ROOT / "tests/golden/pronouns.tsv").read_text(encoding="utf-8").splitlines()
GOLDEN = [tuple(line.split("\t")) for line in LINES if line and not line.startswith("#")]


def follow(texts: dict[str, str], language: str) -> list[Followed]:
    mentions = FINDER.find(texts, language, DAY)  # type: ignore[arg-type]
    return FOLLOWER.follow(sentences(texts, language), mentions, language)  # type: ignore[arg-type]


def shown(followed: list[Followed]) -> str:
    return (
        " | ".join("+".join(m.entity for m in one.mentions) + "=" + one.mentions[0].text for one in followed)
        or "-"
    )


@pytest.mark.parametrize(("language", "text", "expected"), GOLDEN, ids=[line[1][:40] for line in GOLDEN])
def test_golden_pronouns(language: str, text: str, expected: str) -> None:
    assert shown(follow({"content": text}, language)) == expected


def test_offsets_are_those_of_the_field() -> None:
    text = "Musk griff das Gesetz an. Er nannte es eine Schande."
    [one] = follow({"title": "Streit", "summary": "Nichts.", "content": text}, "de")
    [mention] = one.mentions
    assert (mention.field, text[mention.start : mention.end], mention.via) == ("content", "Er", "pronoun")


def test_the_headline_leads_to_the_first_sentence_for_the_two_only() -> None:
    title = "Musk und Trump im Streit"
    assert (
        shown(follow({"title": title, "summary": "Die beiden schweigen nicht."}, "de"))
        == "musk+trump=Die beiden"
    )
    assert follow({"title": "Musk im Streit", "summary": "Er nannte das Gesetz dumm."}, "de") == []


def test_a_chain_ends_after_three() -> None:
    text = "Trump praised the deal." + " He thanked everyone." * 5
    assert len(follow({"content": text}, "en")) == 3


@pytest.mark.parametrize(
    ("language", "text", "read", "pairs"),
    [
        ("de", "Musk und Trump trafen sich. Die beiden streiten.", "Musk und Trump streiten.", {"musk>trump", "trump>musk"}),
        ("en", "Musk spoke. He attacked Trump.", "Musk attacked Trump.", {"musk>trump", "trump>musk"}),
    ],
)  # fmt: skip
def test_a_sentence_is_read_with_the_names_and_quoted_as_it_is(language, text, read, pairs) -> None:
    texts = {"content": text}
    mentions = FINDER.find(texts, language, DAY)
    passage = passages(sentences(texts, language), mentions, follow(texts, language))[-1]
    assert passage.sentence.text == read
    assert {f"{passage.entities[i]}>{passage.entities[j]}" for i, j in passage.pairs} == pairs
    for entity, (start, end) in zip(passage.entities, passage.spans, strict=True):
        assert read[start:end].lower() == entity
    assert passage.quoted.text == text.split(". ")[1]


def test_an_actor_without_a_pronoun_is_not_followed(tmp_path) -> None:
    file = tmp_path / "watchlist.toml"
    file.write_text('[actor.merz]\ntitle = "Friedrich Merz"\nkind = "person"\nnames = ["Merz"]\n')
    watchlist = Watchlist.load(file)
    texts = {"content": "Merz sprach. Er lobte den Haushalt."}
    mentions = EntityFinder(watchlist).find(texts, "de", DAY)
    assert mentions
    assert Follower(watchlist).follow(sentences(texts, "de"), mentions, "de") == []


def test_other_languages_are_left_alone() -> None:
    assert follow({"content": "Musk attacked. He spoke."}, "fr") == []


@pytest.mark.parametrize(
    ("text", "language", "sign"),
    [
        ("He met Angela Merkel there", "en", "Angela Merkel"),
        ("Er traf Finanzminister Klingbeil", "de", "Finanzminister"),
        ("a federal judge said so", "en", "a federal judge"),
        ("Er lebt in den Vereinigten Staaten", "de", ""),
        ("He left the White House", "en", ""),
    ],
)
def test_signs_of_another_person(text: str, language: str, sign: str) -> None:
    assert rival(text, [], language) == sign


def test_a_text_of_many_sentences_costs_in_proportion() -> None:
    """Sizes above the limit of mentions, with which the cost of a sentence may grow."""

    def cost(times: int) -> int:
        texts = {"content": "Musk attacked the bill. He called it a disgrace. " * times}
        mentions, cut = FINDER.find(texts, "en", DAY), sentences(texts, "en")
        assert len(mentions) == MAX_MENTIONS
        return lines_run(lambda: FOLLOWER.follow(cut, mentions, "en"))

    assert cost(1000) < 4.4 * cost(250)
