"""Sentence + spans ─▶ tone toward each span, relation of each ordered pair: calibrated probabilities.

Each sentence is encoded once; token states are pooled over each span; small heads read them. Says nothing of
`unknown` itself: `label(threshold)` does, with the thresholds of the model's card. Sentences asked together go
through each step together, but never into one product: docs/decisions/140.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, starmap
from pathlib import Path

import numpy as np

from processors import model
from processors.asked import Asked, Look, Pair, looks
from processors.model import Floats, Model
from processors.tokens import Span, Window
from riftwatch.records import RelationLabel, ToneLabel


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
# Windows whose token states are kept at a time: at most 150 kB each.
WINDOWS_AT_ONCE = 16
# Questions to a head at a time: as quick as thousands, and bounded in memory.
ASKED_AT_ONCE = 64
# Two actors too far apart to stand in one sentence: the text says nothing between them.
APART = RelationProbabilities(0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class SentenceReading:
    """What one sentence says of its spans."""

    tones: tuple[Probabilities, ...]
    relations: dict[Pair, RelationProbabilities]


Pooled = tuple[Look, dict[int, Floats], Floats]  # with the vector of each span, and that of the whole
Question = tuple[str, tuple[Floats, ...]]  # language, and what a head reads side by side


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
        return self.read_all([Asked(text, spans, language, pairs)])[0]

    def read_all(self, asked: Sequence[Asked]) -> list[SentenceReading]:
        """Read some sentences, each as if alone, to the last bit; quicker than one by one.

        Raises ValueError for a span outside its text.
        """
        tones = [dict.fromkeys(range(len(one.spans)), UNREAD) for one in asked]
        relations = [dict.fromkeys(one.wanted, APART) for one in asked]
        left = looks(self._model.tokenizer, asked)
        while some := list(islice(left, WINDOWS_AT_ONCE)):
            states = [self._model.states(look.window.ids) for look in some]
            read = [(look, *pooled(look.window, own)) for look, own in zip(some, states, strict=True)]
            said = starmap(Probabilities, self._answers("tone", tone_questions(read)))
            between = starmap(RelationProbabilities, self._answers("relation", relation_questions(read)))
            for look in some:
                tones[look.sentence].update(zip(look.spans, said, strict=False))
                relations[look.sentence].update(zip(look.pairs, between, strict=False))
        return [SentenceReading(tuple(t.values()), r) for t, r in zip(tones, relations, strict=True)]

    def _answers(self, head: str, questions: Iterator[Question]) -> Iterator[tuple[float, float, float]]:
        while some := list(islice(questions, ASKED_AT_ONCE)):
            x = np.concatenate([part for _, parts in some for part in parts]).reshape(len(some), -1)
            yield from self._model.probabilities(head, x, [language for language, _ in some])


def pooled(window: Window, states: Floats) -> tuple[dict[int, Floats], Floats]:
    """Return the mean of each span's token states, and of all."""
    return {i: mean(states[a:b]) for i, (a, b) in window.spans.items()}, mean(states)


def mean(rows: Floats) -> Floats:
    """Return what rows.mean(0) returns, in a quarter of the time."""
    total: Floats = np.add.reduce(rows)
    total /= len(rows)
    return total


def tone_questions(read: Sequence[Pooled]) -> Iterator[Question]:
    """Yield what the tone head is asked."""
    for look, at, whole in read:
        for i in look.spans:
            yield look.language, (at[i], whole)


def relation_questions(read: Sequence[Pooled]) -> Iterator[Question]:
    """Yield what the relation head is asked."""
    for look, at, whole in read:
        for i, j in look.pairs:
            yield look.language, (at[i], at[j], at[i] * at[j], whole)
