"""Gold labels beside what a shipped model says: the product's own judge, asked sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from processors.judge import Judge, Probabilities, RelationProbabilities, SentenceReading
from training.measures import Score, score
from training.rows import Row, put

Floats = npt.NDArray[np.float64]
SWAPS = {"en": ("Miller", "Johnson"), "de": ("Müller", "Schneider")}
BESIDE = {"en": "Walker", "de": "Krüger"}


@dataclass(frozen=True, slots=True)
class Answers:
    """Gold labels and probabilities, with the sentence of each."""

    gold: list[int]
    shares: list[tuple[float, float, float]]
    sentence: list[str]

    @property
    def said(self) -> list[int]:
        """Return the likeliest class of each."""
        return [int(np.argmax(s)) for s in self.shares]

    @property
    def confidence(self) -> Floats:
        """Return the probability of the likeliest class of each."""
        return np.array(self.shares).max(1)

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """Say of each answer whether it is the gold one."""
        return np.array(self.said) == np.array(self.gold)

    def score(self) -> Score:
        """Return F1 with its interval."""
        return score(self.gold, self.said, self.sentence)


def pooled(parts: Iterable[Answers]) -> Answers:
    """Return all answers as one set."""
    out = Answers([], [], [])
    for part in parts:
        out.gold.extend(part.gold)
        out.shares.extend(part.shares)
        out.sentence.extend(part.sentence)
    return out


class Reader:
    """A judge that reads each sentence once: the same sets serve several tables."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self._seen = dict[object, SentenceReading]()

    def read(self, row: Row, pairs: Sequence[tuple[int, int]]) -> SentenceReading:
        """Read a row's spans."""
        key = (row.text, row.spans, row.language, tuple(pairs))
        if key not in self._seen:
            self._seen[key] = self.judge.read(row.text, row.spans, row.language, pairs)
        return self._seen[key]

    def tones(self, data: Sequence[Row]) -> Answers:
        """Ask for the tone of every row."""
        found = [self.read(r, ()).tones[0] for r in data]
        return Answers([r.tone for r in data], [shares(p) for p in found], [r.text for r in data])

    def relations(self, data: Sequence[Row]) -> Answers:
        """Ask for every ordered pair of every row."""
        out = Answers([], [], [])
        for r in data:
            read = self.read(r, list(r.relations)).relations
            for pair, label in r.relations.items():
                out.gold.append(label)
                out.shares.append(shares(read[pair]))
                out.sentence.append(r.text)
        return out


def shares(p: Probabilities | RelationProbabilities) -> tuple[float, float, float]:
    """Return the three probabilities, worst first."""
    if isinstance(p, Probabilities):
        return p.negative, p.neutral, p.positive
    return p.hostile, p.neutral, p.friendly


def swapped(data: Sequence[Row], which: int) -> list[Row]:
    """Return the rows with plain surnames for names."""
    return [put(r, names_for(r, which)) for r in data]


def names_for(row: Row, which: int) -> list[str]:
    """Return one surname a span; the first span gets the `which`-th."""
    pool = [*SWAPS[row.language], BESIDE[row.language], "Kent", "Lund"]
    return [pool[(which + i) % 2] if i < 2 else pool[i % len(pool)] for i in range(len(row.spans))]


def flips(before: Answers, after: Sequence[Answers]) -> float:
    """Return the share of answers that change when names do, in per cent."""
    return float(100 * np.mean([np.array(before.said) != np.array(a.said) for a in after]))
