from __future__ import annotations

import pytest

from training import rows
from training.rows import UNKNOWN, Row

A, B, C = (0, 1), (4, 5), (8, 9)


def test_a_label_is_learnt_lightly_smoothed() -> None:
    assert rows.wanted(0, None) == pytest.approx((0.9667, 0.0167, 0.0167), abs=1e-4)


def test_a_teacher_counts_half_beside_a_label_and_wholly_without_one() -> None:
    assert rows.wanted(0, (0.2, 0.6, 0.2)) == pytest.approx((0.5833, 0.3083, 0.1083), abs=1e-4)
    assert rows.wanted(UNKNOWN, (0.2, 0.6, 0.2)) == (0.2, 0.6, 0.2)


def test_a_tone_is_known_by_label_or_by_teacher() -> None:
    row = Row("A b C d E", "en", (A, B, C), 0, tones_taught={2: (0.2, 0.6, 0.2)})
    assert list(rows.tones(row)) == [(0, 0, None), (2, UNKNOWN, (0.2, 0.6, 0.2))]


def test_mentions_of_one_sentence_come_together_unless_they_overlap() -> None:
    data = [Row("A b C d E", "en", (span,), 1) for span in (A, B)]
    data += [Row("A b C d E", "de", (A,), 1)]
    data += [Row("F g H", "en", (span,), 1) for span in ((0, 3), (2, 3))]
    [both] = rows.together(data)
    assert (both.language, both.spans, both.tone) == ("en", (A, B), UNKNOWN)


def test_asked_adds_the_pairs_that_have_no_label() -> None:
    row = rows.asked(Row("A b C d E", "en", (A, B), relations={(0, 1): 2}))
    assert row.relations == {(0, 1): 2, (1, 0): UNKNOWN}


def test_translations_need_both_languages() -> None:
    english, german = (
        Row("A", "en", (A,), 1, source="mad-en-train"),
        Row("A", "de", (A,), 1, source="mad-de-train"),
    )
    assert rows.translations([english]) == {}
    assert rows.translations([english, german]) == {0: 1, 1: 0}
