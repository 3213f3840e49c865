"""From sentences to the story: one tone an actor, one relation a pair.

The headline weighs most, then the first sentence of the body. Sentences that look back weigh little: what
counts is how the two stand now. Neutral sentences weigh little too, or a clear headline would drown in the
names of the article. A pair that is named in no common sentence stays unknown: the story says nothing on it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from processors.judge import Probabilities, RelationProbabilities
from processors.sentences import Sentence
from riftwatch.records import Relation, SentenceScore, Side, Tone

# Orders of importance as an editor would rank them, not fitted: a headline outvotes two and a half ordinary
# sentences, a look back counts for a third of one.
TITLE_WEIGHT = 3.0
LEAD_WEIGHT = 1.5
PAST_WEIGHT = 0.35
# What a wholly neutral sentence weighs beside a wholly decided one (which weighs 1 + this).
NEUTRAL_FLOOR = 0.1
MAX_EVIDENCE = 3
MAX_EVIDENCE_CHARS = 300

_PAST = re.compile(
    r"\b(?:einst|einstmals|damals|früher|seinerzeit|ehedem|zuvor noch|noch vor|vor (?:\w+ )?Jahren|"
    r"once|formerly|back then|at the time|used to|years ago|previously)\b",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"\b(?:jetzt|nun|inzwischen|mittlerweile|heute|now|today|no longer|nicht mehr)\b", re.IGNORECASE
)
_YEAR = re.compile(r"\b(?:in|im Jahr|im \w+|since|seit|\w+) ((?:19|20)\d\d)\b")

P = TypeVar("P", Probabilities, RelationProbabilities)


@dataclass(frozen=True, slots=True)
class Said(Generic[P]):
    """What one sentence says of one subject, in one or two directions."""

    sentence: Sentence
    weight: float
    readings: tuple[P, ...]
    spans: tuple[tuple[int, int], ...] = ()  # of the mentions, in the sentence


def weight_of(sentence: Sentence, published: date) -> float:
    """Return what a sentence weighs in its story by its place and its time."""
    if sentence.field == "title":
        return TITLE_WEIGHT
    weight = LEAD_WEIGHT if sentence.lead else 1.0
    return weight * PAST_WEIGHT if _looks_back(sentence.text, published) else weight


def story_tone(said: Sequence[Said[Probabilities]], threshold: float) -> Tone:
    """Return how a story speaks of one actor; unknown if no sentence was read or none is likely enough."""
    mixed = _mix([(one.weight, one.readings[0]) for one in said], Probabilities)
    if mixed is None:
        return Tone(label="unknown", score=0.0, confidence=0.0)
    return Tone(label=mixed.label(threshold), score=_round(mixed.score), confidence=_round(mixed.confidence))


def story_relation(said: Sequence[Said[RelationProbabilities]], threshold: float) -> Relation:
    """Return how two actors stand to each other in a story.

    A side that is decided weighs more than one that is silent: an attack is hostile though the attacked has
    not answered.
    """
    sides = [_mix([(one.weight, one.readings[way]) for one in said], RelationProbabilities) for way in (0, 1)]
    mixed = _mix([(1.0, side) for side in sides if side], RelationProbabilities)
    if mixed is None:
        nothing = Side(label="unknown", score=0.0)
        return Relation(label="unknown", score=0.0, confidence=0.0, a_to_b=nothing, b_to_a=nothing)
    return Relation(
        label=mixed.label(threshold),
        score=_round(mixed.score),
        confidence=_round(mixed.confidence),
        a_to_b=_side(sides[0], threshold),
        b_to_a=_side(sides[1], threshold),
        evidence=evidence(said, mixed.score),
    )


def evidence(said: Sequence[Said[P]], towards: float) -> tuple[SentenceScore, ...]:
    """Return the sentences that carry a score the most, strongest first, in the original words."""
    scored = [(one, _sentence_score(one)) for one in said]
    sign = 1.0 if towards >= 0 else -1.0
    ranked = sorted(scored, key=lambda pair: -sign * pair[1] * pair[0].weight)
    return tuple(
        SentenceScore(sentence=_quoted(one), score=_round(score)) for one, score in ranked[:MAX_EVIDENCE]
    )


def mean(readings: Sequence[P], make: Callable[[float, float, float], P]) -> P:
    """Return the plain mean of several readings of the same subject in one sentence."""
    parts = [_parts(reading) for reading in readings]
    return make(*(sum(column) / len(parts) for column in zip(*parts, strict=True)))


def _mix(weighed: Sequence[tuple[float, P]], make: Callable[[float, float, float], P]) -> P | None:
    """Return the weighted mean, the decided counting more than the neutral; None of nothing."""
    if not weighed:
        return None
    weights = [weight * (NEUTRAL_FLOOR + 1 - reading.neutral) for weight, reading in weighed]
    columns = zip(*(_parts(reading) for _, reading in weighed), strict=True)
    total = sum(weights)
    return make(*(sum(w * p for w, p in zip(weights, column, strict=True)) / total for column in columns))


def _sentence_score(said: Said[P]) -> float:
    weights = [NEUTRAL_FLOOR + 1 - reading.neutral for reading in said.readings]
    return sum(w * r.score for w, r in zip(weights, said.readings, strict=True)) / sum(weights)


def _parts(reading: Probabilities | RelationProbabilities) -> tuple[float, float, float]:
    if isinstance(reading, Probabilities):
        return reading.negative, reading.neutral, reading.positive
    return reading.hostile, reading.neutral, reading.friendly


def _side(side: RelationProbabilities | None, threshold: float) -> Side:
    assert side is not None  # a pair read in a sentence was read in both directions
    return Side(label=side.label(threshold), score=_round(side.score))


def _looks_back(text: str, published: date) -> bool:
    if _TURN.search(text):
        return False
    years = [int(year) for year in _YEAR.findall(text)]
    return bool(_PAST.search(text)) or (bool(years) and max(years) < published.year)


def _quoted(said: Said[P]) -> str:
    """Return the sentence, or the stretch of a long one that holds the mentions, cut at spaces."""
    text = said.sentence.text
    if len(text) <= MAX_EVIDENCE_CHARS:
        return text
    first = min((start for start, _ in said.spans), default=0)
    last = max((end for _, end in said.spans), default=0)
    middle = (first + min(last, first + MAX_EVIDENCE_CHARS)) // 2
    start = max(0, min(middle - MAX_EVIDENCE_CHARS // 2, len(text) - MAX_EVIDENCE_CHARS))
    window = text[start : start + MAX_EVIDENCE_CHARS]
    if start:
        window = window.partition(" ")[2] or window
    if start + MAX_EVIDENCE_CHARS < len(text):
        window = window.rpartition(" ")[0] or window
    return window


def _round(value: float) -> float:
    """Four digits: finer differences mean nothing and only make records longer."""
    return round(value, 4)
