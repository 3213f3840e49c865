"""Records for the dashboards: the desk's invented newsroom, with more pairs, agencies, feeds and failures."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from msgspec.structs import replace

from riftwatch.records import Coverage, Evidence, FeedState, Story, relation_subject, tone_subject
from stores.base import Stored
from tests.desk import newsroom

PAIRS = (("musk", "trump"), ("musk", "openai"), ("openai", "softbank"), ("openai", "xai"))
SINCE, UNTIL = newsroom.at(newsroom.FIRST), newsroom.NOW + timedelta(hours=8)


def records() -> list[Stored]:
    """Return every kind of record, the same at every call."""
    dice = random.Random(5)
    found: list[Stored] = []
    for record in newsroom.stories(160):
        found.append(_other_pair(record, dice) if isinstance(record, Evidence) else _timed(record, dice))
    found += newsroom.series()
    found += newsroom.shifts()
    found += [_troubled(feed, number) for number, feed in enumerate(newsroom.feeds())]
    found += newsroom.letters()
    found += [
        replace(
            letter,
            letter_id=f"{letter.letter_id}-more",
            stage="search",
            reason="too_large",
            error="cut in vain",
        )
        for letter in newsroom.letters()[:2]
    ]
    found += _coverage(dice)
    return found


def ingested(record: Stored) -> datetime:
    """When the sink has written a record: stories soon after they were fetched, the rest at the end."""
    if isinstance(record, Story):
        return record.fetched_at + timedelta(seconds=20 + len(record.title) % 90)
    return newsroom.NOW + timedelta(minutes=1)


def _timed(record: Stored, dice: random.Random) -> Stored:
    assert isinstance(record, Story)
    late = timedelta(seconds=dice.randrange(20, 4000))
    agency = dice.choice((None, None, "dpa", "reuters", "afp"))
    return replace(record, fetched_at=record.published + late, analysed_ms=dice.uniform(8, 90), wire=agency)


def _other_pair(piece: Evidence, dice: random.Random) -> Evidence:
    """Return evidence on any of the pairs, or on the tone of its first actor; some is uncertain or without direction."""
    pair = dice.choice(PAIRS)
    uncertain = dice.random() < 0.08
    piece = replace(piece, label="unknown", counted=False, weight=0) if uncertain else piece
    if piece.subject.startswith("tone:"):
        return replace(piece, subject=tone_subject(pair[0]))
    score = round(dice.uniform(-1, 1), 3)
    label = "hostile" if score < -0.2 else "friendly" if score > 0.2 else "neutral"
    return replace(
        piece, subject=relation_subject(*pair), score=score, label=piece.label if uncertain else label,
        a_to_b=score, b_to_a=None,
    )  # fmt: skip


def _troubled(feed: FeedState, number: int) -> FeedState:
    ill = feed.failures > 0
    return replace(
        feed, failures=3.5 + number / 10 if ill else 0, interval_s=300.0 + number,
        detail="No answer within 30 seconds." if ill else "", last_success_at=feed.last_new_item_at,
        failing_since=newsroom.NOW - timedelta(hours=number) if ill else None,
    )  # fmt: skip


def _coverage(dice: random.Random) -> list[Stored]:
    hours = [newsroom.NOW.replace(minute=0) - timedelta(hours=n) for n in range(72)]
    return [
        Coverage(hour=hour, publisher=publisher, heard=dice.randrange(0, 4))
        for hour in hours
        for publisher in newsroom.OUTLETS
        if dice.random() < 0.8
    ]
