"""The mapped fields of stories, evidence, series and shifts: names of the Elastic Common Schema, ours under `news`.

What is named here is declared in deploy/elasticsearch; a test holds the two together. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from riftwatch.records import (
    Evidence,
    Mention,
    SeriesPoint,
    Shift,
    Split,
    Story,
    Tone,
    WindowMean,
    subject_entities,
)

Fields: TypeAlias = dict[str, Any]  # Any: JSON; the values have the types of the mapping
MAX_KEYWORD_BYTES = 8_191  # Lucene refuses a document with a term of more than 32,766 bytes
WORDS = {"message", "title", "body", "sentence"}  # texts: cut into words, not into bytes
COUNTED_LANGUAGES = ("de", "en")  # with fields of their own in a series; others are in the record
OPEN_STATES = ("opened", "strengthened")


def story(story: Story, ingested: datetime) -> Fields:
    """Return what is asked of stories: words, actors, outlets, and how long they took to get here."""
    return {
        "@timestamp": story.published,
        "message": story.summary,
        "url": address(story.url),
        "news": {
            "id": story.story_id,
            "revision": story.revision,
            "status": story.status,
            "title": story.title,
            "body": story.content,
            "language": story.language,
            "author": story.authors,
            "feed": {"id": story.feed_id},
            "publisher_family": story.publisher,
            "wire": story.wire,
            "backfill": story.backfill,
            "published_confidence": story.published_confidence,
            "first_published": story.first_published,
            "entity_ids": _distinct(mention.entity for mention in story.mentions),
            "pair": list(story.relations),
            "entities": _entities(story),
            "model": story.model,
            "watchlist": story.watchlist,
            "analysed_ms": story.analysed_ms,
            "latency": {
                "fetch_s": (story.fetched_at - story.published).total_seconds(),
                "store_s": (ingested - story.fetched_at).total_seconds(),
            },
        },
    }


def _entities(story: Story) -> list[Fields]:
    named: dict[str, list[Mention]] = {}
    for mention in story.mentions:
        named.setdefault(mention.entity, []).append(mention)
    return [
        {
            "id": entity,
            "surface": _distinct(mention.text for mention in mentions),
            "via": _distinct(mention.via for mention in mentions),
            "mentions": len(mentions),
            "tone": _tone(story.tones.get(entity)),
        }
        for entity, mentions in named.items()
    ]


def _tone(tone: Tone | None) -> Fields | None:
    return None if tone is None else {"label": tone.label, "score": tone.score, "confidence": tone.confidence}


def evidence(piece: Evidence, _ingested: datetime) -> Fields:
    """Return what is asked of evidence: which way it points, how strongly, and the sentence."""
    strongest = piece.sentences[0] if piece.sentences else None
    news = _about(piece.subject) | {
        "id": piece.story_id,
        "revision": piece.revision,
        "title": piece.title,
        "language": piece.language,
        "publisher_family": piece.publisher,
        "wire": piece.wire,
        "first_published": piece.first_published,
        "score": piece.score,
        "confidence": piece.confidence,
        "label": piece.label,
        "weight": piece.weight,
        "counted": piece.counted,
        "withdrawn": piece.withdrawn,
        "duplicate_of": piece.copy_of,
        "sentence": strongest and strongest.sentence,
        "sentence_score": strongest and strongest.score,
        "sentence_count": len(piece.sentences),
        "model": piece.model,
    }
    news.setdefault("relation", {}).update(a_to_b=piece.a_to_b, b_to_a=piece.b_to_a)
    return {"@timestamp": piece.published, "url": address(piece.url), "news": news}


def point(point: SeriesPoint, _ingested: datetime) -> Fields:
    """Return what is asked of a day of a series."""
    series = {
        "day": point.bucket,
        "mean": point.mean,
        "low": point.low,
        "high": point.high,
        "n_stories": point.n_stories,
        "n_publishers": point.n_publishers,
        "n_copies": point.n_copies,
        "a_to_b": point.a_to_b,
        "b_to_a": point.b_to_a,
        **{code: _split(point.languages.get(code)) for code in COUNTED_LANGUAGES},
    }
    news = _about(point.subject) | {"series": series, "model": point.model}
    return {"@timestamp": f"{point.bucket}T00:00:00Z", "news": news}


def _split(split: Split | None) -> Fields | None:
    if split is None:
        return None
    return {"mean": split.mean, "n_stories": split.n_stories, "n_publishers": split.n_publishers}


def shift(shift: Shift, _ingested: datetime) -> Fields:
    """Return what is asked of a shift: its state, how far it went, and the sentence that moved it most."""
    strongest = shift.evidence[0] if shift.evidence else None
    news = _about(shift.subject) | {
        "language": list(shift.by_language),
        "publisher_family": shift.publishers,
        "title": strongest and strongest.title,
        "sentence": strongest and strongest.sentence,
        "backfill": shift.backfill,
        "model": shift.model,
        "shift": {
            "id": shift.shift_id,
            "revision": shift.revision,
            "direction": shift.direction,
            "state": shift.state,
            "open": shift.state in OPEN_STATES,
            "onset": shift.onset,
            "detected_at": shift.detected_at,
            "reported_at": shift.reported_at,
            "changed_at": shift.changed_at,
            "settled_at": shift.settled_at,
            "statistic": shift.statistic,
            "threshold": shift.threshold,
            "expected_false_alarms": shift.expected_false_alarms,
            "delta": shift.after.mean - shift.before.mean,
            "before": _window(shift.before),
            "after": _window(shift.after),
            "rules": shift.rules,
            "n_evidence": len(shift.evidence),
        },
    }
    return {"@timestamp": shift.detected_at, "news": news}


def _window(window: WindowMean) -> Fields:
    return {"mean": window.mean, "low": window.low, "high": window.high, "n": window.n}


def _about(subject: str) -> Fields:
    entities = subject_entities(subject)
    fields: Fields = {
        "subject": subject,
        "subject_kind": subject.partition(":")[0],
        "entity_ids": entities,
    }
    if len(entities) == 2:
        fields |= {"pair": "|".join(entities), "relation": {"a": entities[0], "b": entities[1]}}
    return fields


def address(url: str) -> Fields | None:
    """Return an address and its host; None when there is none."""
    if not url:
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:  # such as http://[
        host = None
    return {"full": url, "domain": host}


def _distinct(words: Iterable[str]) -> Sequence[str]:
    return list(dict.fromkeys(words))


def cut(value: Any, name: str = "") -> Any:
    """Return the fields with every keyword cut to what the engine can index, between two characters."""
    if isinstance(value, dict):
        return {key: cut(inner, key) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [cut(inner, name) for inner in value]
    if isinstance(value, str) and len(value) * 4 > MAX_KEYWORD_BYTES and name not in WORDS:
        return value.encode("utf-8", "surrogatepass")[:MAX_KEYWORD_BYTES].decode("utf-8", "ignore")
    return value
