"""The near-duplicate signature: copies meet, look-alikes stay apart."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from processors.boilerplate import stripped
from processors.signature import jaccard, signature

SAME = 0.8

LEAD = (
    "Elon Musk hat dem Programm Stargate am Mittwoch die Finanzierung abgesprochen und damit den Präsidenten "
    "verärgert, der die Pläne erst am Vortag im Weißen Haus vorgestellt hatte."
)


def of(text: str, title: str = "Titel", entities: tuple[str, ...] = ()) -> str:
    return signature(title=title, summary=text, content="", entities=entities)


def words(count: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("abcdefghijklmnoprstuvw", k=rng.randint(3, 9))) for _ in range(count)]


def test_one_wire_text_under_two_titles_is_the_same() -> None:
    assert jaccard(of(LEAD, "Musk rügt Trump"), of(LEAD, "Streit um Stargate")) == 1.0


@pytest.mark.parametrize(
    "dressed",
    [
        "WASHINGTON (ICW) - " + LEAD,
        "Berlin/Washington (dpa) – " + LEAD,
        "SAN FRANCISCO, 22. Januar (npa) — " + LEAD,
        "WASHINGTON — " + LEAD,
        LEAD + " (npa)",
        LEAD + " (dpa/AFP)",
        LEAD + " Mit Material von dpa.",
        LEAD + "\nMehr zum Thema",
        LEAD + " Jetzt abonnieren und weiterlesen!",
        LEAD + " […]",
    ],
)
def test_datelines_credits_and_invitations_do_not_count(dressed: str) -> None:
    assert jaccard(of(LEAD), of(dressed)) == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "Musk – der reichste Mann der Welt – kritisiert Trump.",
        "Der Streit (siehe Bericht) – ein Rückblick auf Jahre der Nähe.",
        "Mehr als 500 Milliarden Dollar will OpenAI ausgeben.",
        "Source code of the chatbot was published by xAI.",
        "Trump lobt Altman (OpenAI) vor Journalisten.",
    ],
)
def test_sentences_of_the_story_are_not_taken_for_boilerplate(text: str) -> None:
    assert stripped(text) == text


def test_one_changed_word_in_a_short_text_is_still_the_same() -> None:
    assert jaccard(of(LEAD), of(LEAD.replace("verärgert", "brüskiert"))) >= SAME


def test_a_decisive_word_keeps_short_texts_apart() -> None:
    threat = LEAD.replace("verärgert", "nicht verärgert")
    assert jaccard(of(LEAD), of(threat)) == 0.0


def test_other_numbers_keep_short_texts_apart() -> None:
    hundred, five = LEAD + " Es geht um 100 Milliarden.", LEAD + " Es geht um 500 Milliarden."
    assert jaccard(of(hundred), of(five)) == 0.0


def test_other_actors_keep_short_texts_apart() -> None:
    assert jaccard(of(LEAD, entities=("musk",)), of(LEAD, entities=("musk", "trump"))) == 0.0
    assert jaccard(of(LEAD, entities=("trump", "musk")), of(LEAD, entities=("musk", "trump"))) == 1.0


def test_a_text_without_body_is_known_by_its_title() -> None:
    title = "Musk und Trump streiten offen über die Finanzierung von Stargate"
    bare = signature(title=title, summary="", content="")
    assert jaccard(bare, signature(title=title, summary=" ", content="")) == 1.0


def test_texts_without_words_are_never_equal() -> None:
    empty = signature(title="", summary="…", content="—")
    assert empty == ""
    assert jaccard(empty, empty) == 0.0


@pytest.mark.parametrize("count", [20, 31, 32, 39, 45, 50, 51, 80, 400])
def test_texts_of_any_length_find_a_copy_that_is_one_word_longer(count: int) -> None:
    text = words(count, seed=count)
    assert jaccard(of(" ".join(text)), of(" ".join([*text, "ende"]))) >= SAME


@pytest.mark.parametrize("count", [15, 40, 300])
def test_unrelated_texts_are_far_apart(count: int) -> None:
    pairs = [jaccard(of(" ".join(words(count, s))), of(" ".join(words(count, s + 500)))) for s in range(100)]
    assert max(pairs) < 0.1


def test_the_estimate_is_near_the_true_share() -> None:
    text = words(400, seed=7)
    half = [*text[:200], *words(200, seed=8)]
    assert jaccard(of(" ".join(text)), of(" ".join(half))) == pytest.approx(1 / 3, abs=0.12)


def test_signatures_are_stored_and_must_not_change() -> None:
    """A new release of the hashing library that gives other values would forget every stored text."""
    assert of("Musk widerspricht Trump in der Sache") == GOLDEN


@given(st.text(max_size=400))
def test_any_text_can_be_signed_and_equals_itself(text: str) -> None:
    signed = signature(title="", summary=text, content="")
    assert jaccard(signed, signed) == (1.0 if signed else 0.0)
    assert len(signed) <= 380


def test_a_long_text_is_cut_not_refused() -> None:
    long = "wort " * 1_000_000
    assert jaccard(of(long), of(long)) == 1.0


GOLDEN = (
    "short:cbe5cfdf:6mnOS5KYrdU3AGZPxiB/2AziezKuClMbnG9f9P0iE0zEZYzXcDADVqylPQKBy3jN7TxXlmwInLLcL"
    "JkZg+UG4bVakrAZv1j2s1QURW/RWqyeKGbc4VsamzFbCFsgWEV/TH8FXg4SpGfvboSsdOs7OnYn2sefbg/Mn1ykZL+xcJk="
)
