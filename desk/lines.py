"""Lines that several pages share: a shift, a piece of evidence, a subject lately."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

import msgspec

from desk.headline import headline
from desk.level import Level, level_of
from desk.look import Look
from desk.spark import Spark, spark
from riftwatch.records import (
    Evidence,
    SentenceScore,
    SeriesPoint,
    Shift,
    ShiftEvidence,
    WindowMean,
    subject_entities,
)
from stores.base import SubjectSummary

RECENT_DAYS = 30


class ShiftLine(msgspec.Struct, frozen=True, kw_only=True):
    """A shift in one line."""

    shift_id: str
    subject: str
    entities: tuple[str, ...]
    headline: str
    direction: str
    state: str
    onset: datetime
    detected_at: datetime
    before: WindowMean
    after: WindowMean
    publishers: int


def shift_line(shift: Shift, look: Look) -> ShiftLine:
    """Return a shift as one line."""
    return ShiftLine(
        shift_id=shift.shift_id,
        subject=shift.subject,
        entities=subject_entities(shift.subject),
        headline=headline(shift, look.names, look.wording),
        direction=shift.direction,
        state=shift.state,
        onset=shift.onset,
        detected_at=shift.detected_at,
        before=shift.before,
        after=shift.after,
        publishers=len(shift.publishers),
    )


class EvidenceLine(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence with where it stands; `url` is "" unless it is an http(s) address."""

    story_id: str
    sentence: str
    more: tuple[SentenceScore, ...] = ()
    score: float
    label: str = ""
    published: datetime
    publisher: str
    publisher_title: str
    language: str
    title: str
    url: str
    counted: bool = True
    copy_of: str | None = None


def evidence_line(evidence: Evidence, look: Look) -> EvidenceLine:
    """Return evidence as one line: its strongest sentence, the title where there is none."""
    first = evidence.sentences[0].sentence if evidence.sentences else evidence.title
    return EvidenceLine(
        story_id=evidence.story_id,
        sentence=first,
        more=evidence.sentences[1:],
        score=evidence.score,
        label=evidence.label,
        published=evidence.published,
        publisher=evidence.publisher,
        publisher_title=look.names.publisher(evidence.publisher),
        language=evidence.language,
        title=evidence.title,
        url=web_address(evidence.url),
        counted=evidence.counted,
        copy_of=evidence.copy_of,
    )


def shift_evidence_line(evidence: ShiftEvidence, look: Look) -> EvidenceLine:
    """Return the evidence of a shift as one line."""
    return EvidenceLine(
        story_id=evidence.story_id,
        sentence=evidence.sentence,
        score=evidence.score,
        published=evidence.published,
        publisher=evidence.publisher,
        publisher_title=look.names.publisher(evidence.publisher),
        language=evidence.language,
        title=evidence.title,
        url=web_address(evidence.url),
    )


class SubjectLine(msgspec.Struct, frozen=True, kw_only=True):
    """What a subject did lately."""

    subject: str
    entities: tuple[str, ...]
    name: str
    latest: SeriesPoint | None
    level: Level | None  # of the last week that has a value
    stories: int  # counted ones of the last RECENT_DAYS days
    spark: Spark
    open_shift: ShiftLine | None


def subject_line(summary: SubjectSummary, until: date, look: Look) -> SubjectLine:
    """Return the summary of a subject as one line."""
    return SubjectLine(
        subject=summary.subject,
        entities=subject_entities(summary.subject),
        name=look.names.subject(summary.subject),
        latest=summary.latest,
        level=level_of(summary.recent),
        stories=sum(point.n_stories for point in summary.recent),
        spark=spark(summary.recent, until, RECENT_DAYS),
        open_shift=shift_line(summary.open_shift, look) if summary.open_shift else None,
    )


def newest(points: Sequence[SeriesPoint]) -> SeriesPoint | None:
    """Return the newest day that has a value."""
    return next((point for point in reversed(points) if point.mean is not None), None)


def web_address(url: str) -> str:
    """Return an address that a page may link to, "" for anything but http and https."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""
