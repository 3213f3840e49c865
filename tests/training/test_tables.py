from __future__ import annotations

from training.answers import Answers
from training.tables import error_by_chance


def sure(rows: int, share: float) -> Answers:
    rest = (1 - share) / 2
    return Answers([0] * rows, [(share, rest, rest)] * rows, ["x"] * rows)


def test_chance_alone_makes_an_error_that_falls_with_the_root_of_the_rows() -> None:
    few, many = error_by_chance(sure(30, 0.7)), error_by_chance(sure(3000, 0.7))
    # The mean distance of a share of right answers from 0.7 is about 0.8 sqrt(0.7 * 0.3 / rows).
    assert 0.05 < few < 0.09
    assert 0.005 < many < 0.009
