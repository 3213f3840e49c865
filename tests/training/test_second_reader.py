"""The page of fresh news and its blind labels."""

from __future__ import annotations

import pytest

from training.second_reader.agreement import agreement, labels, report
from training.second_reader.sheet import Question, questions

ALLOWED = {"tone": {"negative", "neutral", "positive"}, "relation": {"hostile", "neutral", "friendly"}}
ASKED: list[Question] = list(questions())


def test_sixty_sentences_half_of_them_german() -> None:
    by_language = {q.sentence_id: q.language for q in ASKED}
    assert len(by_language) == 60
    assert sum(language == "de" for language in by_language.values()) == 30


def test_every_question_has_an_allowed_answer() -> None:
    read = labels()
    assert set(read) == {(q.sentence_id, q.asked) for q in ASKED}
    assert all(label in ALLOWED[asked.split()[0]] for (_, asked), label in read.items())


@pytest.mark.parametrize(
    ("pairs", "share", "kappa"),
    [
        ([("a", "a"), ("b", "b")], 1.0, 1.0),
        ([("a", "b"), ("b", "a")], 0.0, -1.0),
        ([("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")], 0.5, 0.0),
        ([("a", "a"), ("a", "a")], 1.0, 1.0),
    ],
)
def test_agreement_above_chance(pairs, share, kappa) -> None:
    found = agreement(pairs)
    assert (found.share, found.kappa) == (pytest.approx(share), pytest.approx(kappa))


def test_silence_is_no_disagreement() -> None:
    read = labels()
    silent = dict.fromkeys(read, "unknown") | {next(iter(read)): "neutral"}
    lines = list(report(silent | {k: read[k] for k in list(read)[::50]}, read, ASKED))
    assert not [line for line in lines if line.startswith("- ") and "model unknown" in line]
    assert "of" in lines[2]
