"""What a mail says about a shift, chosen and put into words; templates only lay it out. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from riftwatch.records import Shift, ShiftEvidence, Split, WindowMean, subject_entities
from sinks import texts
from sinks.headers import one_line, plain, web_link

MailKind: TypeAlias = Literal["alert", "update", "correction", "settled"]
MAX_SENTENCES = 5
MAX_SENTENCE_CHARS = 400
MAX_NAME_CHARS = 80
MAX_PUBLISHERS = 8


class Titles(Protocol):
    """Names for people, by id: a Watchlist or Publishers."""

    def title(self, _id: str, /) -> str:
        """Return the name; an unknown id stands for itself."""


@dataclass(frozen=True, slots=True)
class Names:
    """Names of actors and of publishers."""

    actors: Titles
    publishers: Titles


@dataclass(frozen=True, slots=True)
class Level:
    """A mean before or after, in words, and where it lies on a bar of 100."""

    name: str
    mean: str
    interval: str
    publishers: str
    left: int  # percent
    width: int  # percent, at least 1


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence in the language in which it was published, and where."""

    sentence: str
    language: str
    language_name: str
    outlet: str
    time: str
    link: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a split."""

    name: str
    mean: str
    weight: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a mail says."""

    kind: MailKind
    label: str
    subject_kind: str
    headline: str
    lead: str
    levels: tuple[Level, ...]
    times: tuple[tuple[str, str], ...]
    quotes: tuple[Quote, ...]
    counter: Quote | None
    languages: tuple[Row, ...]
    publishers: tuple[Row, ...]
    more_publishers: int
    sure: tuple[str, ...]
    link: str
    why: str


@dataclass(frozen=True, slots=True)
class Addressed:
    """To whom a mail goes, from whom, and where its links lead."""

    recipient: str
    sender: str
    desk_url: str


def headline(shift: Shift, names: Names) -> str:
    """Return what changed in one plain sentence, fit for a subject line."""
    actors = [
        one_line(names.actors.title(entity), MAX_NAME_CHARS) for entity in subject_entities(shift.subject)
    ]
    return one_line(
        texts.headline(_kind(shift), shift.direction, {**_ab(actors), "day": texts.day(shift.onset)})
    )


def facts(shift: Shift, kind: MailKind, names: Names, to: Addressed, alerted: datetime) -> Facts:
    """Return what a mail of this kind says; `alerted` is when the recipient was told of the shift."""
    languages = tuple(_row(texts.language(code), split) for code, split in _by_size(shift.by_language))
    publishers = [
        _row(plain(names.publishers.title(family), MAX_NAME_CHARS), split)
        for family, split in _by_size(shift.by_publisher)
    ]
    return Facts(
        kind=kind,
        label=texts.LABEL[kind],
        subject_kind=_kind(shift),
        headline=_headline(shift, kind, names),
        lead=_lead(shift, kind, names, alerted),
        levels=(_level(texts.BEFORE, shift.before), _level(texts.AFTER, shift.after)),
        times=_times(shift, kind),
        quotes=tuple(_quote(one, names) for one in chosen(shift.evidence)),
        counter=_quote(shift.counter_evidence[0], names) if shift.counter_evidence else None,
        languages=languages,
        publishers=tuple(publishers[:MAX_PUBLISHERS]),
        more_publishers=max(0, len(publishers) - MAX_PUBLISHERS),
        sure=_sure(shift),
        link=web_link(f"{to.desk_url.rstrip('/')}/shift/{shift.shift_id}"),
        why=texts.WHY.format(recipient=to.recipient, sender=to.sender),
    )


def chosen(evidence: Sequence[ShiftEvidence], limit: int = MAX_SENTENCES) -> list[ShiftEvidence]:
    """Return the strongest sentences, no outlet twice while others are left, every language heard.

    `evidence` is strongest first, and so is what is returned.
    """
    languages = _first_of_each(evidence, lambda one: one.language)
    outlets = _first_of_each(evidence, lambda one: one.publisher)
    order = [*languages, *(one for one in outlets if one not in languages)]
    order += [one for one in evidence if one not in order]
    kept = order[:limit]
    return [one for one in evidence if one in kept][:limit]


def _first_of_each(evidence: Sequence[ShiftEvidence], of: _Key) -> list[ShiftEvidence]:
    first: dict[str, ShiftEvidence] = {}
    for one in evidence:
        first.setdefault(of(one), one)
    return list(first.values())


class _Key(Protocol):
    def __call__(self, one: ShiftEvidence, /) -> str: ...


def _headline(shift: Shift, kind: MailKind, names: Names) -> str:
    said = headline(shift, names)
    return texts.CORRECTION_HEADLINE.format(headline=said) if kind == "correction" else said


def _kind(shift: Shift) -> str:
    return shift.subject.partition(":")[0]


def _ab(actors: Sequence[str]) -> dict[str, str]:
    return {"a": actors[0], "b": actors[-1]}


def _lead(shift: Shift, kind: MailKind, names: Names, alerted: datetime) -> str:
    if kind == "correction":
        return texts.LEAD_CORRECTION.format(alerted=texts.day(alerted))
    if kind == "settled":
        return texts.LEAD_SETTLED.format(alerted=texts.day(alerted))
    actors = [plain(names.actors.title(entity), MAX_NAME_CHARS) for entity in subject_entities(shift.subject)]
    lead = texts.LEAD[kind, _kind(shift), shift.direction]
    return lead.format(n=shift.after.n, alerted=texts.day(alerted), **_ab(actors))


def _level(name: str, mean: WindowMean) -> Level:
    left, right = (round((min(1.0, max(-1.0, edge)) + 1) * 50) for edge in (mean.low, mean.high))
    return Level(
        name=name,
        mean=texts.number(mean.mean),
        interval=texts.INTERVAL.format(low=texts.number(mean.low), high=texts.number(mean.high)),
        publishers=texts.counted(texts.PUBLISHERS, mean.n),
        left=min(left, 99),
        width=max(1, right - left),
    )


def _times(shift: Shift, kind: MailKind) -> tuple[tuple[str, str], ...]:
    times = [(texts.ONSET, texts.day(shift.onset)), (texts.DETECTED, texts.time_of(shift.detected_at))]
    if kind == "settled":
        times.append((texts.SETTLED, texts.day(shift.settled_at or shift.reported_at)))
    if kind == "correction":
        times.append((texts.WITHDRAWN, texts.time_of(shift.reported_at)))
    return tuple(times)


def _quote(one: ShiftEvidence, names: Names) -> Quote:
    return Quote(
        sentence=plain(one.sentence, MAX_SENTENCE_CHARS),
        language=one.language if one.language.isalpha() else "und",
        language_name=texts.language(one.language),
        outlet=plain(names.publishers.title(one.publisher), MAX_NAME_CHARS),
        time=texts.time_of(one.published),
        link=web_link(one.url),
    )


def _by_size(splits: Mapping[str, Split]) -> list[tuple[str, Split]]:
    return sorted(splits.items(), key=lambda item: (-item[1].n_stories, item[0]))


def _row(name: str, split: Split) -> Row:
    weight = texts.counted(texts.STORIES, split.n_stories)
    if split.n_publishers > 1:
        weight += ", " + texts.counted(texts.PUBLISHERS, split.n_publishers)
    return Row(plain(name, MAX_NAME_CHARS), texts.number(split.mean), weight)


def _sure(shift: Shift) -> tuple[str, ...]:
    measured = texts.STATISTIC.format(
        statistic=f"{abs(shift.statistic):.1f}", threshold=f"{shift.threshold:.1f}"
    )
    if shift.expected_false_alarms is None:
        return measured, texts.UNCALIBRATED, texts.MACHINE
    return measured, texts.FALSE_ALARMS.format(n=f"{shift.expected_false_alarms:.1g}"), texts.MACHINE
