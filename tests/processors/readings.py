"""Readings for tests of watch."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from processors.contributions import Contribution, contribution_of
from riftwatch.records import Reading, SentenceScore

START = datetime(2025, 1, 1, tzinfo=UTC)
PAIR = "relation:musk|trump"


def reading(story_id: str = "s", hours: float = 0.0, score: float = 0.5, **changes: Any) -> Reading:
    """Return a reading published `hours` after START; `changes` replace any of its fields."""
    at = START + timedelta(hours=hours)
    fields: dict[str, Any] = {
        "subject": PAIR,
        "story_id": story_id,
        "score": score,
        "confidence": 0.9,
        "label": "friendly" if score > 0 else "hostile",
        "publisher": "bbc",
        "language": "en",
        "published": at,
        "first_published": at,
        "fetched_at": at,
        "evidence": (SentenceScore(sentence=f"What {story_id} says.", score=score),),
    }
    return Reading(**(fields | changes))


def row(story_id: str = "s", hours: float = 0.0, score: float = 0.5, **changes: Any) -> Contribution:
    """Return the row of such a reading."""
    return contribution_of(reading(story_id, hours, score, **changes))


def history(
    days: int = 60, per_day: int = 3, level: float = 0.3, houses: int = 12, seed: int = 1, prefix: str = "h"
) -> list[Reading]:
    """Return a calm history: every day some stories of random houses around a level."""
    rng = random.Random(seed)
    found = []
    for day in range(days):
        for number in range(per_day):
            found.append(
                reading(
                    f"{prefix}{day:03}-{number}",
                    day * 24 + rng.uniform(6, 22),
                    max(-1.0, min(1.0, rng.gauss(level, 0.2))),
                    publisher=f"house{rng.randrange(houses)}",
                    language=rng.choice(["en", "de"]),
                )
            )
    return sorted(found, key=lambda one: one.published)


def break_on(
    day: int, days: int = 5, per_day: int = 8, level: float = -0.6, seed: int = 2, **changes: Any
) -> list[Reading]:
    """Return the stories of a break: many houses, in both languages, for some days."""
    rng = random.Random(seed)
    found = []
    for offset in range(days):
        for number in range(per_day):
            fields = {"publisher": f"house{number}", "language": "de" if number % 2 else "en"} | changes
            found.append(
                reading(
                    f"b{day + offset:03}-{number}",
                    (day + offset) * 24 + 8 + number * 1.5,
                    max(-1.0, min(1.0, rng.gauss(level, 0.15))),
                    **fields,
                )
            )
    return found
