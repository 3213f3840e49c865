"""Macro-F1, bootstrap intervals and baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from training.rows import Row

CLASSES = 3
RESAMPLES = 1000
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Score:
    """Macro-F1 and accuracy in per cent, and the bounds of F1's 95 % interval."""

    f1: float
    low: float
    high: float
    accuracy: float
    rows: int


def macro_f1(gold: Labels, said: Labels) -> float:
    """Return the mean F1 over the classes that occur, in per cent."""
    values = []
    for c in range(CLASSES):
        hit, wrong = ((gold == c) & (said == c)).sum(), ((gold == c) ^ (said == c)).sum()
        if hit or wrong:
            values.append(2 * hit / (2 * hit + wrong))
    return float(100 * np.mean(values))


def class_f1(gold: Labels, said: Labels) -> list[float]:
    """Return the F1 of each class, in per cent."""
    return [
        100 * 2 * ((gold == c) & (said == c)).sum() / max(1, (gold == c).sum() + (said == c).sum())
        for c in range(CLASSES)
    ]


def score(gold: Sequence[int], said: Sequence[int], clusters: Sequence[str]) -> Score:
    """Return F1 with a bootstrap interval over whole clusters (sentences), so pairs of one sentence stay together."""
    g, s = np.array(gold), np.array(said)
    names, member = np.unique(np.array(clusters), return_inverse=True)
    rows_of = (
        [np.flatnonzero(member == i) for i in range(len(names))]
        if len(names) < len(g)
        else [np.array([i]) for i in range(len(g))]
    )
    rng = np.random.default_rng(1)
    draws = []
    for _ in range(RESAMPLES):
        picked = np.concatenate([rows_of[i] for i in rng.integers(0, len(rows_of), len(rows_of))])
        draws.append(macro_f1(g[picked], s[picked]))
    low, high = np.percentile(draws, [2.5, 97.5])
    return Score(macro_f1(g, s), float(low), float(high), float(100 * (g == s).mean()), len(g))


def majority(gold: Sequence[int]) -> float:
    """Return the macro-F1 of always giving the commonest answer."""
    g = np.array(gold)
    return macro_f1(g, np.full_like(g, np.bincount(g).argmax()))


def name_only(train: Sequence[Row]) -> Callable[[Sequence[Row]], Labels]:
    """Return a classifier that sees the mention and nothing else."""
    # Here, so that everything else can be tested without training's requirements.
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    pipe = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4)),
        LogisticRegression(max_iter=500, class_weight="balanced"),
    )
    pipe.fit([r.mention(0) for r in train], [r.tone for r in train])
    return lambda rows: np.array(pipe.predict([r.mention(0) for r in rows]))
