"""What was found against what was expected: a pure comparison, strict and with reasons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from demo.expectations import Expected, ExpectedShift, Quiet
from riftwatch.records import Mail, Shift, subject_entities

RELATION = "relation:"


@dataclass(frozen=True, slots=True)
class Finding:
    """One expected shift and the one that was found for it."""

    expected: ExpectedShift
    shift: Shift | None
    languages: Mapping[str, int]  # sentences of evidence in each language
    mails: int
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Silence:
    """One quiet span and the shifts that broke it."""

    expected: Quiet
    broken_by: tuple[Shift, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict of a run."""

    findings: tuple[Finding, ...]
    silences: tuple[Silence, ...]
    also: tuple[Shift, ...]  # shifts that nobody asked about

    @property
    def problems(self) -> list[str]:
        """Everything that is missing or too much, a sentence each."""
        missing = [problem for finding in self.findings for problem in finding.problems]
        noise = [_noise(silence.expected, shift) for silence in self.silences for shift in silence.broken_by]
        return missing + noise

    @property
    def passed(self) -> bool:
        """Whether all that is expected is there and all that must be quiet is quiet."""
        return not self.problems


def judge_run(expected: Expected, shifts: Sequence[Shift], mails: Sequence[Mail]) -> Report:
    """Compare the shifts and mails of a run, in their newest revisions, with what was expected.

    A shift that was withdrawn later does not count as found, but it does break a silence: somebody may have
    been alerted. A mail counts once it is sent.
    """
    findings = tuple(_finding(one, shifts, mails) for one in expected.shift)
    silences = tuple(Silence(one, _within(one, shifts)) for one in expected.quiet)
    known = {finding.shift.shift_id for finding in findings if finding.shift}
    known |= {shift.shift_id for silence in silences for shift in silence.broken_by}
    also = tuple(
        sorted((s for s in shifts if s.shift_id not in known), key=lambda s: (s.detected_at, s.subject))
    )
    return Report(findings, silences, also)


def _finding(expected: ExpectedShift, shifts: Sequence[Shift], mails: Sequence[Mail]) -> Finding:
    candidates = [
        shift
        for shift in shifts
        if (shift.subject, shift.direction) == (expected.subject, expected.direction)
        and shift.state != "withdrawn"
        and expected.covers(_day(shift))
    ]
    if not candidates:
        return Finding(expected, None, {}, 0, (f"{_name(expected)} was not found",))
    shift = min(candidates, key=lambda shift: (abs((_day(shift) - expected.day).days), shift.shift_id))
    languages = Counter(sentence.language for sentence in shift.evidence)
    sent = sum(
        mail.shift_id == shift.shift_id and mail.kind == "alert" and mail.state == "sent" for mail in mails
    )
    return Finding(expected, shift, languages, sent, tuple(_problems(expected, languages, sent)))


def _problems(expected: ExpectedShift, languages: Mapping[str, int], sent: int) -> list[str]:
    name = _name(expected)
    problems = [
        f"{name} has no evidence in {language}"
        for language in expected.languages
        if not languages.get(language)
    ]
    if expected.subject.startswith(RELATION) and not sent:
        problems.append(f"{name} was mailed to nobody")
    return problems


def _within(quiet: Quiet, shifts: Sequence[Shift]) -> tuple[Shift, ...]:
    return tuple(shift for shift in shifts if shift.subject == quiet.subject and quiet.covers(_day(shift)))


def _day(shift: Shift) -> date:
    return shift.detected_at.date()


def _name(expected: ExpectedShift) -> str:
    return f"the shift of {pair(expected.subject)} ({expected.direction}) on {expected.day}"


def _noise(quiet: Quiet, shift: Shift) -> str:
    return (
        f"{pair(quiet.subject)} must be quiet from {quiet.since} to {quiet.until}, "
        f"but a shift ({shift.direction}) was detected on {_day(shift)}"
    )


def pair(subject: str) -> str:
    """Return a subject as people read it: "musk and trump"."""
    return " and ".join(subject_entities(subject))
