from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from training import curves
from training.answers import Answers, pooled


def answers(confidence: float, right: int, wrong: int) -> Answers:
    """Return answers of one confidence, some right and some wrong."""
    rest = (1 - confidence) / 2
    shares = [(confidence, rest, rest)] * (right + wrong)
    return Answers([0] * right + [1] * wrong, shares, ["s"] * (right + wrong))


def test_reliability_holds_confidence_against_the_share_that_is_right() -> None:
    both = pooled([answers(0.95, 19, 1), answers(0.65, 10, 10)])
    assert curves.reliability(both) == [pytest.approx((0.65, 0.5)), pytest.approx((0.95, 0.95))]


def test_thin_bins_are_left_out() -> None:
    assert curves.reliability(answers(0.95, 4, 5)) == []


def test_risk_grows_as_less_sure_answers_are_taken_in() -> None:
    found = curves.risk(pooled([answers(0.6, 0, 50), answers(0.9, 50, 0)]))
    assert found[0] == pytest.approx((0.1, 0.0))
    assert found[-1] == pytest.approx((1.0, 0.5))


def test_the_drawing_is_sound_and_names_its_sets() -> None:
    drawn = curves.svg({"tone, en": answers(0.9, 50, 10), "tone, de": answers(0.7, 20, 20)})
    root = ET.fromstring(drawn)
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"tone, en", "tone, de", "Reliability", "Risk and coverage"} <= set(texts)
    assert len(list(root.iter("{http://www.w3.org/2000/svg}polyline"))) == 5
