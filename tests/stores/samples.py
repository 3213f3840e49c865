"""Small valid records for tests; name only what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from riftwatch.records import (
    Coverage,
    DeadLetter,
    Decision,
    Evidence,
    FeedState,
    Mail,
    Mention,
    SentenceScore,
    SeriesPoint,
    Shift,
    ShiftEvidence,
    Split,
    Story,
    WindowMean,
)

T0 = datetime(2025, 1, 22, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
MUSK_TRUMP = "relation:musk|trump"


def at(days: float = 0) -> datetime:
    return T0 + timedelta(days=days)


def mention(entity: str) -> Mention:
    return Mention(entity=entity, field="title", start=0, end=4, text=entity.title(), via="name")


# Any: the builders take the record's own fields by name.
def story(story_id: str = "s1", *entities: str, day: float = 0, **fields: Any) -> Story:
    values: dict[str, Any] = {
        "story_id": story_id,
        "revision": 1,
        "feed_id": "f1",
        "publisher": "herald",
        "title": "Musk doubts the money",
        "language": "en",
        "published": at(day),
        "first_published": at(day),
        "fetched_at": at(day) + HOUR,
        "mentions": tuple(mention(entity) for entity in entities),
    }
    return Story(**(values | fields))


def evidence(story_id: str = "s1", subject: str = MUSK_TRUMP, *, day: float = 0, **fields: Any) -> Evidence:
    values: dict[str, Any] = {
        "subject": subject,
        "story_id": story_id,
        "revision": 1,
        "score": -0.5,
        "confidence": 0.9,
        "label": "hostile",
        "weight": 1.0,
        "counted": True,
        "sentences": (SentenceScore(sentence="They do not have the money.", score=-0.5),),
        "publisher": "herald",
        "language": "en",
        "published": at(day),
        "first_published": at(day),
        "fetched_at": at(day) + HOUR,
    }
    return Evidence(**(values | fields))


def point(subject: str = MUSK_TRUMP, *, day: int = 0, mean: float | None = 0.2, **fields: Any) -> SeriesPoint:
    values: dict[str, Any] = {
        "subject": subject,
        "bucket": at(day).date().isoformat(),
        "mean": mean,
        "low": None if mean is None else mean - 0.1,
        "high": None if mean is None else mean + 0.1,
        "n_stories": 5,
        "n_publishers": 4,
        "newest_fetched_at": at(day) + HOUR,
    }
    return SeriesPoint(**(values | fields))


def sentence(story_id: str, text: str, score: float, publisher: str, **fields: Any) -> ShiftEvidence:
    values: dict[str, Any] = {
        "story_id": story_id,
        "sentence": text,
        "score": score,
        "publisher": publisher,
        "published": T0,
        "language": "en",
        "url": f"https://{publisher}.example/{story_id}",
    }
    return ShiftEvidence(**(values | fields))


def shift(shift_id: str = "abc123", *, day: float = 0, **fields: Any) -> Shift:
    values: dict[str, Any] = {
        "shift_id": shift_id,
        "revision": 1,
        "subject": MUSK_TRUMP,
        "direction": "down",
        "state": "opened",
        "onset": at(day) - 9 * HOUR,
        "detected_at": at(day),
        "reported_at": at(day),
        "before": WindowMean(mean=0.42, low=0.31, high=0.53, n=11),
        "after": WindowMean(mean=-0.35, low=-0.52, high=-0.18, n=8),
        "statistic": 7.4,
        "threshold": 5.0,
        "publishers": ("herald", "abendpost"),
        "evidence": (
            sentence("s1", "They don't actually have the money, Musk wrote.", -0.8, "herald"),
            sentence("s2", "Musk stellt Trumps Vorhaben offen infrage.", -0.7, "abendpost", language="de"),
        ),
        "counter_evidence": (sentence("s3", "He is a friend, Trump said.", 0.6, "courier"),),
        "by_language": {
            "en": Split(mean=-0.33, n_stories=9, n_publishers=5),
            "de": Split(mean=-0.4, n_stories=6, n_publishers=3),
        },
        "by_publisher": {"herald": Split(mean=-0.5, n_stories=3, n_publishers=1)},
    }
    return Shift(**(values | fields))


def feed(feed_id: str = "f1", **fields: Any) -> FeedState:
    values: dict[str, Any] = {"feed_id": feed_id, "url": f"https://{feed_id}.example/rss", "polled_at": T0}
    return FeedState(**(values | fields))


def coverage(hours: int = 0, publisher: str = "herald", heard: int = 1) -> Coverage:
    return Coverage(hour=T0 + hours * HOUR, publisher=publisher, heard=heard)


def decision(target: str = "abc123", *, day: float = 0, **fields: Any) -> Decision:
    values: dict[str, Any] = {
        "target": target, "kind": "acknowledged", "who": "anna", "decided_at": at(day),
    }  # fmt: skip
    return Decision(**(values | fields))


def dead_letter(letter_id: str = "riftwatch.items-0-7", *, day: float = 0, **fields: Any) -> DeadLetter:
    values: dict[str, Any] = {
        "letter_id": letter_id, "topic": "riftwatch.items", "partition": 0, "offset": 7, "key": b"k\xff",
        "value": b"\xff\x00{", "headers": (("h", b"\x80"),), "stage": "analyse", "reason": "undecodable",
        "error": "bad JSON", "failed_at": at(day),
    }  # fmt: skip
    return DeadLetter(**(values | fields))


def mail(mail_id: str = "abc123-1-x", *, day: float = 0, **fields: Any) -> Mail:
    values: dict[str, Any] = {
        "mail_id": mail_id, "shift_id": "abc123", "revision": 1, "kind": "alert", "recipient": "desk@localhost",
        "subject_line": "Musk and Trump", "text": "…", "html": "<p>…</p>", "state": "pending", "created_at": at(day),
    }  # fmt: skip
    return Mail(**(values | fields))
