from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from processors import tokens
from processors.tokens import MAX_WINDOWS, WINDOW_TOKENS, windows


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(Path(__file__).parents[2] / "models" / "accurate" / "tokenizer.json"))


def words(count: int) -> tuple[str, list[tuple[int, int]]]:
    """Return a text of numbered words and the span of each."""
    text, spans = "", []
    for n in range(count):
        spans.append((len(text), len(text) + len(f"w{n}")))
        text += f"w{n} "
    return text, spans


def test_a_short_sentence_is_one_window(tokenizer: Tokenizer) -> None:
    text = "Musk verklagt OpenAI."
    (only,) = windows(tokenizer, text, [(0, 4), (14, 20)])
    kept = [tokenizer.decode(only.ids[a:b]) for a, b in only.spans.values()]
    assert kept == ["Musk", "OpenAI"]


def test_every_pair_near_enough_shares_a_window(tokenizer: Tokenizer) -> None:
    text, spans = words(150)
    found = windows(tokenizer, text, spans[::10])
    assert all(len(w.ids) <= WINDOW_TOKENS for w in found)
    together = {pair for w in found for pair in combinations(sorted(w.spans), 2)}
    assert all((i, i + 1) in together for i in range(14))
    assert (0, 14) not in together


def test_token_ranges_follow_into_the_window(tokenizer: Tokenizer) -> None:
    text, spans = words(300)
    (only,) = windows(tokenizer, text, [spans[200]])
    a, b = only.spans[0]
    assert tokenizer.decode(only.ids[a:b]) == "w200"
    assert (only.ids[0], only.ids[-1]) == (0, 2)


def test_a_long_text_is_not_tokenised_whole(tokenizer: Tokenizer) -> None:
    text, spans = words(200_000)
    near = windows(tokenizer, text, [spans[5], spans[199_999]])
    assert [set(w.spans) for w in near] == [{0}, {1}]


def test_windows_are_limited(tokenizer: Tokenizer) -> None:
    text, spans = words(60_000)
    assert len(windows(tokenizer, text, spans[::100])) == MAX_WINDOWS


def test_a_mention_longer_than_a_window_is_cut(tokenizer: Tokenizer) -> None:
    text, _ = words(2_000)
    for window in windows(tokenizer, text, [(0, len(text))]):
        assert len(window.ids) <= WINDOW_TOKENS
        assert all(0 <= a < b <= WINDOW_TOKENS for a, b in window.spans.values())


def test_limits_fit_together() -> None:
    assert tokens.WHOLE_CHARS > 2 * tokens.MARGIN_CHARS
