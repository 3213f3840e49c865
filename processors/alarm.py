"""The rule itself: when a look is a shift, when it is over, and when the new level began."""

from __future__ import annotations

from collections.abc import Sequence

from processors.contributions import MICRO, Voice
from processors.panel import Look
from processors.rules import Rules
from processors.windows import Baseline


def rings(look: Look, baseline: Baseline, rules: Rules) -> bool:
    """Whether a look is a shift: far enough for chance, wide enough to matter, carried by enough units."""
    if abs(look.z) < rules.threshold or abs(look.delta) < rules.min_effect:
        return False
    moves = [look.sign * (mean - baseline.mean) for mean in look.window.means.values()]
    moved = [move for move in moves if move > rules.min_effect / 2]
    carried = sum(move for move in moves if move > 0)
    carriers = len(moved) >= rules.min_publishers and len(moved) > rules.majority * len(moves)
    return carriers and max(moves) <= rules.max_share * carried


def clears(look: Look, sign: int, effect: float, rules: Rules) -> bool:
    """Whether a look is back: under the share of the threshold, and of the greatest effect, that clears."""
    return (
        sign * look.z < rules.clear_ratio * rules.threshold and sign * look.delta < rules.clear_ratio * effect
    )


def onset_of(voices: Sequence[Voice], before: float, after: float) -> int:
    """Return the time of the story with which the new level began.

    The most likely split between two known levels: the last zero of the CUSUM around their middle, each unit
    weighing one in all.
    """
    stories: dict[str, int] = {}
    for voice in voices:
        stories[voice.unit] = stories.get(voice.unit, 0) + 1
    middle, sign = (before + after) / 2, 1 if after > before else -1
    total, onset = 0.0, None
    for voice in voices:
        total += sign * (voice.micro / MICRO - middle) / stories[voice.unit]
        if total <= 0:
            total, onset = 0.0, None
        elif onset is None:
            onset = voice.at
    return voices[-1].at if onset is None else onset
