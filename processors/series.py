"""The series: one point per UTC day of a subject, a pure function of the set of contributions.

Any order and any number of deliveries give the same point to the bit: scores are summed as whole millionths,
units are taken in alphabetical order, and copies and silent rows count nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import UTC, datetime

from processors.contributions import MICRO, Contribution, Voice
from processors.intervals import around, moderated, standard_error
from processors.rules import Rules
from processors.windows import DAY_S, summarise
from riftwatch.records import SeriesPoint, Split


def bucket_of(day: int) -> str:
    """Return the name of a day, counted from 1970-01-01, as YYYY-MM-DD."""
    return datetime.fromtimestamp(day * DAY_S, UTC).date().isoformat()


def point(
    subject: str,
    day: int,
    rows: Sequence[Contribution],
    copies: Container[str],
    newest: datetime,
    rules: Rules,
) -> SeriesPoint:
    """Return the point of one day from all its rows, in order; `copies` are the story ids that are copies."""
    copied = {row.story_id for row in rows if row.story_id in copies}
    voices = [
        Voice(row.at, row.unit, round(row.score * MICRO), row)
        for row in rows
        if row.speaks and row.story_id not in copied
    ]
    window = summarise(voices)
    low = high = None
    if window is not None:
        freedom = window.n - 1
        variance = moderated(window.squares, freedom, rules.sigma**2, rules.sigma_weight)
        error = standard_error(variance, window.n)
        low, high = around(window.mean, error, rules.sigma_weight + freedom)
    return SeriesPoint(
        subject=subject,
        bucket=bucket_of(day),
        mean=None if window is None else window.mean,
        low=low,
        high=high,
        n_stories=len(voices),
        n_publishers=0 if window is None else window.n,
        n_copies=len(copied),
        a_to_b=_side(voices, "a_to_b"),
        b_to_a=_side(voices, "b_to_a"),
        languages=by_language(voices),
        newest_fetched_at=newest,
        model=max((row.model for row in rows), default=""),
    )


def by_language(voices: Iterable[Voice]) -> dict[str, Split]:
    """Return the mean of each language apart, by its code."""
    groups: dict[str, list[Voice]] = {}
    for voice in voices:
        groups.setdefault(voice.row.language, []).append(voice)
    return {language: split(groups[language]) for language in sorted(groups)}


def split(voices: Sequence[Voice]) -> Split:
    """Return the mean over units of part of the voices; there must be one at least."""
    window = summarise(voices)
    assert window is not None
    return Split(mean=window.mean, n_stories=window.stories, n_publishers=window.n)


def _side(voices: Iterable[Voice], side: str) -> float | None:
    directed = []
    for voice in voices:
        value: float | None = getattr(voice.row, side)
        if value is not None:
            directed.append(Voice(voice.at, voice.unit, round(value * MICRO), voice.row))
    window = summarise(directed)
    return None if window is None else window.mean
