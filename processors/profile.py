"""The proof of a shift: the sentences that moved it, those against it, and its splits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from processors.contributions import MICRO, Voice
from processors.episode import Episode
from processors.episodes import HOUR_S
from processors.panel import Panel
from processors.rules import Rules
from processors.series import by_language, split
from riftwatch.records import ShiftEvidence, Split


@dataclass(frozen=True, slots=True)
class Profile:
    """What a shift rests on, as far as it is known at a time."""

    publishers: tuple[str, ...]
    evidence: tuple[ShiftEvidence, ...]
    counter_evidence: tuple[ShiftEvidence, ...]
    by_language: dict[str, Split]
    by_publisher: dict[str, Split]
    model: str


def profile_of(episode: Episode, panel: Panel, until: int, rules: Rules) -> Profile:
    """Return the proof of an episode from its onset, or the window that rang, to its first days."""
    end = min(until, episode.detected + rules.profile_hours * HOUR_S, episode.ended or until)
    voices = panel.between(min(episode.since, episode.onset - 1), end)
    after = [voice for voice in voices if voice.at >= episode.onset] or list(voices)
    level = episode.baseline.mean
    moved = [voice for voice in after if episode.sign * (voice.micro / MICRO - level) > 0]
    against = [voice for voice in after if episode.sign * (voice.micro / MICRO - level) <= 0]
    units = _units(after)
    return Profile(
        publishers=_movers(after, episode.sign, level),
        evidence=_sentences(moved, episode.sign, rules.evidence),
        counter_evidence=_sentences(against, -episode.sign, rules.counter_evidence),
        by_language=by_language(after),
        by_publisher={unit: split(units[unit]) for unit in sorted(units)},
        model=max(voice.row.model for voice in after),
    )


def _units(voices: Iterable[Voice]) -> dict[str, list[Voice]]:
    units: dict[str, list[Voice]] = {}
    for voice in voices:
        units.setdefault(voice.unit, []).append(voice)
    return units


def _movers(voices: Iterable[Voice], sign: int, level: float) -> tuple[str, ...]:
    """Return the publishers whose mean stands on the shifted side, strongest first."""
    sums: dict[str, list[int]] = {}
    for voice in voices:
        total = sums.setdefault(voice.row.publisher, [0, 0])
        total[0] += voice.micro
        total[1] += 1
    moves = {publisher: sign * (total / n / MICRO - level) for publisher, (total, n) in sums.items()}
    movers = [publisher for publisher, move in moves.items() if move > 0]
    return tuple(sorted(movers, key=lambda publisher: (-moves[publisher], publisher)))


def _sentences(voices: Sequence[Voice], sign: int, count: int) -> tuple[ShiftEvidence, ...]:
    """Return the strongest sentences: languages take turns, and each publisher speaks once before any twice."""
    ranked = sorted(voices, key=lambda voice: (-sign * voice.micro, voice.at, voice.row.story_id))
    turns: list[tuple[int, int, int, Voice]] = []
    spoken: dict[str, int] = {}
    heard: dict[tuple[str, int], int] = {}
    for rank, voice in enumerate(ranked):
        again = spoken[voice.unit] = spoken.get(voice.unit, -1) + 1
        place = heard[voice.row.language, again] = heard.get((voice.row.language, again), -1) + 1
        turns.append((again, place, rank, voice))
    chosen = [voice for *_, voice in sorted(turns, key=lambda turn: turn[:3])[:count]]
    return tuple(_shown(voice) for voice in sorted(chosen, key=lambda voice: -sign * voice.micro))


def _shown(voice: Voice) -> ShiftEvidence:
    row = voice.row
    return ShiftEvidence(
        story_id=row.story_id,
        sentence=row.sentence or row.title,
        score=row.score,
        published=row.first_published,
        publisher=row.publisher,
        language=row.language,
        title=row.title,
        url=row.url,
    )
