"""Two drawings of calibrated answers: reliability (is 70 % sure right in 70 %?) and risk against coverage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.answers import Answers
from training.calibrate import BINS

WIDTH, HEIGHT, LEFT, TOP = 260, 200, 46, 34
COLOURS = ("#0b6e99", "#b3541e", "#4f7a28", "#7b4b94")
Points = Sequence[tuple[float, float]]


def reliability(answers: Answers) -> list[tuple[float, float]]:
    """Return confidence and share of right answers, bin by bin; bins of fewer than ten answers are left out."""
    place = np.minimum((answers.confidence * BINS).astype(int), BINS - 1)
    return [
        (float(answers.confidence[place == b].mean()), float(answers.right[place == b].mean()))
        for b in range(BINS)
        if (place == b).sum() >= 10
    ]


def risk(answers: Answers) -> list[tuple[float, float]]:
    """Return coverage and share of wrong answers among the surest ones, at each twentieth of coverage."""
    wrong = ~answers.right[np.argsort(-answers.confidence, kind="stable")]
    cuts = [max(1, round(len(wrong) * share / 20)) for share in range(2, 21)]
    return [(cut / len(wrong), float(wrong[:cut].mean())) for cut in cuts]


def svg(sets: dict[str, Answers]) -> str:
    """Return both drawings side by side, one line a set."""
    left = panel(
        0, "Reliability", "confidence", "right", {k: reliability(v) for k, v in sets.items()}, diagonal=True
    )
    right = panel(WIDTH + 90, "Risk and coverage", "coverage", "wrong", {k: risk(v) for k, v in sets.items()})
    legend = [
        f'<text x="{LEFT + 150 * n}" y="{TOP + HEIGHT + 62}" fill="{COLOURS[n]}">{name}</text>'
        for n, name in enumerate(sets)
    ]
    size = f'viewBox="0 0 {2 * WIDTH + 160} {TOP + HEIGHT + 76}"'
    body = "\n".join([*left, *right, *legend])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">\n{body}\n</svg>\n'


def panel(
    at: int, title: str, across: str, up: str, lines: dict[str, Points], *, diagonal: bool = False
) -> list[str]:
    """Return one drawing with axes from 0 to 1 (wrong answers: to one half)."""
    most = 1.0 if diagonal else 0.5
    x0, y0 = at + LEFT, TOP + HEIGHT

    def place(x: float, y: float) -> str:
        return f"{x0 + x * WIDTH:.1f},{y0 - min(y, most) / most * HEIGHT:.1f}"

    out = [
        f'<text x="{x0}" y="{TOP - 14}" font-weight="bold">{title}</text>',
        f'<rect x="{x0}" y="{TOP}" width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="#999"/>',
        f'<text x="{x0 + WIDTH / 2}" y="{y0 + 34}" text-anchor="middle">{across}</text>',
        f'<text x="{x0 - 34}" y="{TOP - 2}">{up}</text>',
    ]
    for n in range(6):
        out.append(
            f'<text x="{x0 + n * WIDTH / 5:.0f}" y="{y0 + 16}" text-anchor="middle">{n / 5:.1f}</text>'
        )
        out.append(
            f'<text x="{x0 - 6}" y="{y0 - n * HEIGHT / 5 + 4:.0f}" text-anchor="end">{most * n / 5:.1f}</text>'
        )
    if diagonal:
        out.append(f'<polyline points="{place(0, 0)} {place(1, 1)}" stroke="#bbb" fill="none"/>')
    for n, points in enumerate(lines.values()):
        way = " ".join(place(x, y) for x, y in points)
        out.append(f'<polyline points="{way}" stroke="{COLOURS[n]}" stroke-width="2" fill="none"/>')
    return out
