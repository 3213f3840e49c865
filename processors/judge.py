"""Sentence + spans ─▶ tone toward each span, relation of each ordered pair: calibrated probabilities.

Each sentence is encoded once; token states are pooled over each span; small heads read them. Says nothing of
`unknown` itself: `label(threshold)` does, with the thresholds of the model's card.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np

from processors import model
from processors.model import Floats, Model
from processors.tokens import Span, Window, windows
from riftwatch.records import RelationLabel, ToneLabel

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Probabilities:
    """How a sentence speaks of one span; sums to 1."""

    negative: float
    neutral: float
    positive: float

    @property
    def score(self) -> float:
        """Return positive - negative, in [-1, 1]."""
        return self.positive - self.negative

    @property
    def confidence(self) -> float:
        """Return the probability of the likeliest label."""
        return max(self.negative, self.neutral, self.positive)

    def label(self, threshold: float = 0.0) -> ToneLabel:
        """Return the likeliest label, unknown when it is less likely than the threshold."""
        if self.confidence < threshold:
            return "unknown"
        if self.neutral == self.confidence:
            return "neutral"
        return "negative" if self.negative > self.positive else "positive"


@dataclass(frozen=True, slots=True)
class RelationProbabilities:
    """How one span's owner behaves or stands toward another's; sums to 1."""

    hostile: float
    neutral: float
    friendly: float

    @property
    def score(self) -> float:
        """Return friendly - hostile, in [-1, 1]."""
        return self.friendly - self.hostile

    @property
    def confidence(self) -> float:
        """Return the probability of the likeliest label."""
        return max(self.hostile, self.neutral, self.friendly)

    def label(self, threshold: float = 0.0) -> RelationLabel:
        """Return the likeliest label, unknown when it is less likely than the threshold."""
        if self.confidence < threshold:
            return "unknown"
        if self.neutral == self.confidence:
            return "neutral"
        return "hostile" if self.hostile > self.friendly else "friendly"


# A span that no window reached, or that covers no letter: nothing is known.
UNREAD = Probabilities(1 / 3, 1 / 3, 1 / 3)
# Questions to a head in one product: as quick as thousands, and bounded in memory.
ASKED_AT_ONCE = 64
# Two actors too far apart to stand in one sentence: the text says nothing between them.
APART = RelationProbabilities(0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """What one sentence says of its spans."""

    tones: tuple[Probabilities, ...]
    relations: dict[Pair, RelationProbabilities]


class Judge:
    """Reads sentences with one model. A reading depends on the sentence and its spans, on nothing else."""

    def __init__(self, loaded: Model) -> None:
        self._model = loaded
        self.version = loaded.version
        self.tone_threshold = loaded.card.threshold["tone"]
        self.relation_threshold = loaded.card.threshold["relation"]

    @classmethod
    def load(cls, models_dir: Path, name: str = "accurate") -> Judge:
        """Load a shipped model; raises ConfigError when it is missing or damaged."""
        return cls(model.load(models_dir, name))

    def read(
        self, text: str, spans: Sequence[Span], language: str, pairs: Sequence[Pair] | None = None
    ) -> SentenceReading:
        """Read one sentence: a tone a span, and a relation for each asked pair of span indices (None: all).

        Time and memory are bounded whatever the length. Raises ValueError for a span outside the text.
        """
        check(text, spans)
        asked = list(permutations(range(len(spans)), 2)) if pairs is None else pairs
        tones = [UNREAD] * len(spans)
        relations = dict.fromkeys(asked, APART)
        if not spans:
            return SentenceReading((), relations)
        left, tone_left = set(asked), set(range(len(spans)))
        for window in windows(self._model.tokenizer, readable(text), spans):
            pooled, whole = self._pool(window)
            fresh = sorted(tone_left & pooled.keys())
            for i, tone in zip(fresh, self._tones([pooled[i] for i in fresh], whole, language), strict=True):
                tones[i] = tone
            tone_left.difference_update(fresh)
            inside = [p for p in permutations(pooled, 2) if p in left] if len(pooled) > 1 else []
            pairs_inside = [(pooled[i], pooled[j]) for i, j in inside]
            relations.update(zip(inside, self._relations(pairs_inside, whole, language), strict=True))
            left.difference_update(inside)
        return SentenceReading(tuple(tones), relations)

    def _pool(self, window: Window) -> tuple[dict[int, Floats], Floats]:
        states = self._model.states(window.ids)
        return {i: states[a:b].mean(0) for i, (a, b) in window.spans.items()}, states.mean(0)

    def _tones(self, spans: Sequence[Floats], whole: Floats, language: str) -> list[Probabilities]:
        x = [np.concatenate([span, whole]) for span in spans]
        return [Probabilities(*p) for p in self._answers("tone", x, language)]

    def _relations(
        self, pairs: Sequence[tuple[Floats, Floats]], whole: Floats, language: str
    ) -> list[RelationProbabilities]:
        x = [np.concatenate([a, b, a * b, whole]) for a, b in pairs]
        return [RelationProbabilities(*p) for p in self._answers("relation", x, language)]

    def _answers(self, head: str, x: Sequence[Floats], language: str) -> Iterator[tuple[float, float, float]]:
        for first in range(0, len(x), ASKED_AT_ONCE):
            some = np.stack(x[first : first + ASKED_AT_ONCE])
            yield from self._model.probabilities(head, some, language)


def check(text: str, spans: Iterable[Span]) -> None:
    """Raise ValueError for the first span that is not inside the text."""
    for start, end in spans:
        if not 0 <= start < end <= len(text):
            raise ValueError(f"span {start}-{end} is not inside the text of {len(text)} characters")


def readable(text: str) -> str:
    """Replace lone surrogates, which no tokenizer takes; the length stays."""
    return text.encode("utf-8", "replace").decode("utf-8")
