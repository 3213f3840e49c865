"""One subject in full: its series, its shifts, and the evidence under it. Pair and actor pages share it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from desk.chart import Chart, chart, language_name, languages
from desk.level import Level, level_of
from desk.lines import EvidenceLine, ShiftLine, evidence_line, newest, shift_line
from desk.look import Look
from desk.query import PAGE_SIZE, RANGES, Asked, Paging
from riftwatch.records import SeriesPoint, Split, subject_entities
from stores.base import EvidenceQuery, Store

ORDERS = ("newest", "lowest", "highest")
SHIFTS = 20
PUBLISHER_SAMPLE = 300  # newest pieces of evidence whose publishers the filter offers


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the series over the chosen range: a language or a direction."""

    key: str
    label: str
    mean: float | None  # of the days, each with the weight of its publishers
    stories: int
    days: int


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What can be chosen in a filter."""

    key: str
    label: str


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """The filters of the evidence as they stand, and what they offer."""

    language: str
    publisher: str
    order: str
    copies: bool
    languages: tuple[Choice, ...]
    publishers: tuple[Choice, ...]


class SubjectView(msgspec.Struct, frozen=True, kw_only=True):
    """A subject over a range."""

    subject: str
    range: str
    latest: SeriesPoint | None
    level: Level | None
    chart: Chart
    languages: tuple[Part, ...]
    directions: tuple[Part, ...]  # pairs only
    shifts: tuple[ShiftLine, ...]
    filters: Filters
    evidence: tuple[EvidenceLine, ...]
    paging: Paging


def subject_view(subject: str, look: Look, asked: Asked) -> SubjectView:
    """Return a subject as asked; raises BadQuery."""
    chosen = asked.choice("range", RANGES, "90d")
    today = look.today()
    days = RANGES[chosen]
    since = None if days is None else today - timedelta(days=days - 1)
    points = look.store.series(subject, since, today)
    shifts = look.store.shifts(subject, limit=SHIFTS)
    filters = _filters(subject, since, points, look, asked)
    page = asked.page()
    found = look.store.evidence(_query(subject, since, filters, page))
    return SubjectView(
        subject=subject,
        range=chosen,
        latest=newest(points),
        level=level_of(points),
        chart=chart(subject, points, since, today, shifts, look.names, look.wording),
        languages=tuple(_in_languages(points, look)),
        directions=_directions(subject, points, look),
        shifts=tuple(shift_line(shift, look) for shift in shifts),
        filters=filters,
        evidence=tuple(evidence_line(evidence, look) for evidence in found),
        paging=Paging(page=page, total=found.total),
    )


def _in_languages(points: Sequence[SeriesPoint], look: Look) -> list[Part]:
    return [
        _part(
            code,
            language_name(code, look.wording),
            [point.languages[code] for point in points if code in point.languages],
        )
        for code in languages(points)
    ]


def _directions(subject: str, points: Sequence[SeriesPoint], look: Look) -> tuple[Part, ...]:
    if len(entities := subject_entities(subject)) != 2:
        return ()
    a, b = map(look.names.actor, entities)
    return (
        _part(
            "a_to_b",
            f"{a} → {b}",
            [_split(point, point.a_to_b) for point in points if point.a_to_b is not None],
        ),
        _part(
            "b_to_a",
            f"{b} → {a}",
            [_split(point, point.b_to_a) for point in points if point.b_to_a is not None],
        ),
    )


def _split(point: SeriesPoint, mean: float) -> Split:
    return Split(mean=mean, n_stories=point.n_stories, n_publishers=point.n_publishers)


def _part(key: str, label: str, days: Sequence[Split]) -> Part:
    weight = sum(day.n_publishers for day in days)
    return Part(
        key=key,
        label=label,
        mean=sum(day.mean * day.n_publishers for day in days) / weight if weight else None,
        stories=sum(day.n_stories for day in days),
        days=len(days),
    )


def _filters(
    subject: str, since: date | None, points: Sequence[SeriesPoint], look: Look, asked: Asked
) -> Filters:
    publishers = _publishers(look.store, subject, since)
    return Filters(
        language=asked.text("language"),
        publisher=asked.text("publisher"),
        order=asked.choice("order", ORDERS, "newest"),
        copies=asked.choice("copies", ("", "1"), "") == "1",
        languages=tuple(
            Choice(key=code, label=language_name(code, look.wording)) for code in languages(points)
        ),
        publishers=tuple(
            sorted(
                (Choice(key=family, label=look.names.publisher(family)) for family in publishers),
                key=lambda choice: choice.label.casefold(),
            )
        ),
    )


def _publishers(store: Store, subject: str, since: date | None) -> set[str]:
    sample = store.evidence(EvidenceQuery(subject=subject, since=_start(since), limit=PUBLISHER_SAMPLE))
    return {evidence.publisher for evidence in sample}


def _query(subject: str, since: date | None, filters: Filters, page: int) -> EvidenceQuery:
    return EvidenceQuery(
        subject=subject,
        since=_start(since),
        language=filters.language or None,
        publisher=filters.publisher or None,
        counted_only=not filters.copies,
        order=filters.order,
        limit=PAGE_SIZE,
        offset=(page - 1) * PAGE_SIZE,
    )


def _start(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
