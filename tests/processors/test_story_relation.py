"""From sentences to the story's tone and relation."""

from __future__ import annotations

from datetime import date

import pytest

from processors.judge import Probabilities, RelationProbabilities
from processors.sentences import Sentence
from processors.story_relation import MAX_EVIDENCE_CHARS, Said, story_relation, story_tone, weight_of

HOSTILE = RelationProbabilities(0.9, 0.08, 0.02)
FRIENDLY = RelationProbabilities(0.02, 0.08, 0.9)
QUIET = RelationProbabilities(0.05, 0.9, 0.05)
DAY = date(2025, 6, 5)


def sentence(text: str = "Ein Satz.", field: str = "content", *, lead: bool = False) -> Sentence:
    return Sentence(field, 0, len(text), text, lead)  # type: ignore[arg-type]


def said(
    there: RelationProbabilities, back: RelationProbabilities, weight: float = 1.0, text: str = "Ein Satz."
) -> Said[RelationProbabilities]:
    return Said(sentence(text), weight, (there, back), ((0, 3),))


def test_an_unanswered_attack_is_hostile() -> None:
    relation = story_relation([said(HOSTILE, QUIET)], 0.5)
    assert (relation.label, relation.a_to_b.label, relation.b_to_a.label) == ("hostile", "hostile", "neutral")
    assert relation.score < -0.55
    assert relation.a_to_b.score < relation.score


def test_turning_the_pair_turns_the_sides_only() -> None:
    there, back = story_relation([said(HOSTILE, QUIET)], 0.5), story_relation([said(QUIET, HOSTILE)], 0.5)
    assert there.score == back.score
    assert (there.a_to_b, there.b_to_a) == (back.b_to_a, back.a_to_b)


def test_a_clear_headline_is_not_drowned_in_neutral_sentences() -> None:
    body = [said(QUIET, QUIET) for _ in range(6)]
    assert story_relation([said(HOSTILE, QUIET, weight=3.0), *body], 0.5).label == "hostile"


def test_evenly_mixed_sentences_are_unknown() -> None:
    relation = story_relation([said(HOSTILE, HOSTILE), said(FRIENDLY, FRIENDLY)], 0.5)
    assert relation.label == "unknown"
    assert abs(relation.score) < 0.05


def test_no_common_sentence_is_unknown_without_evidence() -> None:
    relation = story_relation([], 0.5)
    assert (relation.label, relation.score, relation.confidence, relation.evidence) == (
        "unknown",
        0.0,
        0.0,
        (),
    )


def test_evidence_is_the_strongest_first_and_at_most_three() -> None:
    weak = RelationProbabilities(0.5, 0.45, 0.05)
    relation = story_relation(
        [said(weak, QUIET, text="schwach"), said(HOSTILE, HOSTILE, text="stark"), said(QUIET, QUIET, text="still"),
         said(FRIENDLY, QUIET, text="dagegen")], 0.4,
    )  # fmt: skip
    assert [one.sentence for one in relation.evidence] == ["stark", "schwach", "still"]


def test_evidence_of_a_long_sentence_is_cut_around_the_actors() -> None:
    text = "vorher " * 100 + "Musk rügt Trump " + "nachher " * 100
    long = Said(sentence(text), 1.0, (HOSTILE, QUIET), ((700, 704), (710, 715)))
    quoted = story_relation([long], 0.5).evidence[0].sentence
    assert "Musk rügt Trump" in quoted
    assert len(quoted) <= MAX_EVIDENCE_CHARS
    assert quoted in text


def test_tone_takes_the_threshold() -> None:
    unsure = [Said(sentence(), 1.0, (Probabilities(0.45, 0.35, 0.2),))]
    assert story_tone(unsure, 0.4).label == "negative"
    assert story_tone(unsure, 0.5).label == "unknown"


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("Einst war Musk sein bester Freund.", 0.35),
        ("Einst Freunde, jetzt Feinde: Musk und Trump.", 1.0),
        ("In 2018 Musk left the board.", 0.35),
        ("Musk used to praise Trump.", 0.35),
        ("Im Jahr 2025 brach Musk mit Trump.", 1.0),
        ("Musk bricht mit Trump.", 1.0),
    ],
)
def test_sentences_that_look_back_weigh_little(text: str, weight: float) -> None:
    assert weight_of(sentence(text), DAY) == pytest.approx(weight)


def test_the_place_of_a_sentence_weighs() -> None:
    title, lead = sentence(field="title"), sentence(lead=True)
    assert weight_of(title, DAY) > weight_of(lead, DAY) > weight_of(sentence(), DAY)
