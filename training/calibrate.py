"""Temperatures and thresholds, fitted on data that no layer was trained on.

Tone: the fold cut from the training sets. Relation: the development families of the own corpus.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
GRID = np.exp(np.linspace(np.log(0.5), np.log(4.0), 80))
BINS = 10
# Accepted answers that take sides should be right this often (docs/decisions/012). The relation's development
# families hold only verbs never trained on, the hardest case there is: two in three of those.
WANTED = {"tone": 0.75, "relation": 2 / 3}
STEPS = np.arange(0.5, 0.91, 0.01)  # an answer less likely than not is none


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Return probabilities, row by row."""
    scaled = logits / temperature
    shares = np.exp(scaled - scaled.max(1, keepdims=True))
    out: Floats = shares / shares.sum(1, keepdims=True)
    return out


def temperature(logits: Floats, gold: Sequence[int]) -> float:
    """Return the divisor of the logits with the smallest log loss."""
    rows = np.arange(len(gold))
    losses = [-np.log(softmax(logits, t)[rows, gold] + 1e-12).mean() for t in GRID]
    return float(round(GRID[int(np.argmin(losses))], 3))


def calibration_error(probabilities: Floats, gold: Sequence[int]) -> float:
    """Return the expected calibration error over ten bins of confidence."""
    confidence, right = probabilities.max(1), probabilities.argmax(1) == np.array(gold)
    bins = np.minimum((confidence * BINS).astype(int), BINS - 1)
    gaps = [
        (bins == b).mean() * abs(confidence[bins == b].mean() - right[bins == b].mean()) for b in set(bins)
    ]
    return float(sum(gaps))


def threshold(probabilities: Floats, gold: Sequence[int], wanted: float) -> tuple[float, float]:
    """Return the lowest confidence at which accepted answers that take sides are right often enough.

    Neutral answers are left out of the count: they are many and easy, and would pass any threshold. The second
    value is the share of all answers accepted.
    """
    confidence, said = probabilities.max(1), probabilities.argmax(1)
    right, sided = said == np.array(gold), said != 1
    for step in STEPS:
        accepted = confidence >= step
        if right[accepted & sided].mean() >= wanted:
            break
    return float(round(step, 2)), float(accepted.mean())
