from __future__ import annotations

import pytest
from tokenizers import Tokenizer

from processors.asked import Asked, Look, looks
from riftwatch.settings import Settings


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(Settings().models / "accurate" / "tokenizer.json"))


def far_apart(words: int) -> Asked:
    """Ask for the first word, the middle one and the last."""
    text = " ".join(f"w{n:04}" for n in range(words))
    middle = 6 * (words // 2)
    return Asked(text, [(0, 5), (middle, middle + 5), (len(text) - 5, len(text))], "en")


def answered(found: list[Look]) -> tuple[list[int], list[tuple[int, int]]]:
    return [i for look in found for i in look.spans], [pair for look in found for pair in look.pairs]


def test_each_question_is_answered_by_one_window(tokenizer: Tokenizer) -> None:
    found = list(looks(tokenizer, [far_apart(40)]))
    spans, pairs = answered(found)
    assert sorted(spans) == [0, 1, 2]
    assert len(pairs) == len(set(pairs))
    assert {(0, 1), (1, 0), (1, 2), (2, 1)} <= set(pairs)
    assert len(found) > 1


def test_sentences_keep_their_places_and_languages(tokenizer: Tokenizer) -> None:
    some = [Asked("Musk", [(0, 4)], "de"), Asked("", (), "en"), Asked("Altman", [(0, 6)], "en")]
    assert [(look.sentence, look.language) for look in looks(tokenizer, some)] == [(0, "de"), (2, "en")]


def test_a_window_that_would_answer_nothing_is_not_looked_through(tokenizer: Tokenizer) -> None:
    assert list(looks(tokenizer, [Asked("A      B", [(2, 4)], "en")])) == []


def test_only_asked_pairs(tokenizer: Tokenizer) -> None:
    (only,) = looks(tokenizer, [Asked("A B C", [(0, 1), (2, 3), (4, 5)], "en", pairs=[(2, 0)])])
    assert (list(only.spans), list(only.pairs)) == ([0, 1, 2], [(2, 0)])
