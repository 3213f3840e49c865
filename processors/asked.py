"""Sentences with what is asked of them -> windows to look through, each with the answers it is the first to give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

from tokenizers import Tokenizer

from processors.tokens import Span, Window, windows

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """One sentence: a tone is asked of each span, a relation of each pair of span indices (None: of all)."""

    text: str
    spans: Sequence[Span]
    language: str
    pairs: Sequence[Pair] | None = None

    @property
    def wanted(self) -> Sequence[Pair]:
        """Return the asked pairs."""
        return list(permutations(range(len(self.spans)), 2)) if self.pairs is None else self.pairs


@dataclass(frozen=True, slots=True)
class Look:
    """One window of the sentence at that place among the asked, and what it is to answer."""

    sentence: int
    language: str
    window: Window
    spans: Sequence[int]
    pairs: Sequence[Pair]


def looks(tokenizer: Tokenizer, asked: Sequence[Asked]) -> Iterator[Look]:
    """Yield the windows of all sentences in order; one that would answer nothing is left out.

    Raises ValueError for a span outside its text.
    """
    for sentence, one in enumerate(asked):
        check(one.text, one.spans)
        tones, relations = set(range(len(one.spans))), set(one.wanted)
        for window in windows(tokenizer, readable(one.text), one.spans) if one.spans else ():
            spans = [i for i in window.spans if i in tones]
            pairs = [pair for pair in permutations(window.spans, 2) if pair in relations]
            tones.difference_update(spans)
            relations.difference_update(pairs)
            if spans or pairs:
                yield Look(sentence, one.language, window, spans, pairs)


def check(text: str, spans: Iterable[Span]) -> None:
    """Raise ValueError for the first span that is not inside the text."""
    for start, end in spans:
        if not 0 <= start < end <= len(text):
            raise ValueError(f"span {start}-{end} is not inside the text of {len(text)} characters")


def readable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer takes; the length stays."""
    return text.encode("utf-8", "replace").decode("utf-8")
