"""The ledger: compares what the fold finds now with what was reported, and revises the reports.

A shift is found again by subject, direction and overlapping span, and keeps its id for ever. The ledger is
restored, never recomputed: what was once said stays on record, if only as withdrawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec

from processors.episode import Change, Episode
from processors.profile import Profile
from processors.rules import Rules
from processors.series import bucket_of
from processors.windows import DAY_S
from riftwatch.records import Direction, Shift


@dataclass(frozen=True, slots=True)
class Finding:
    """An episode with the sentences and splits that prove it."""

    episode: Episode
    profile: Profile


class Ledger:
    """The shifts of one subject as last reported."""

    def __init__(self, subject: str, rules: Rules) -> None:
        self._subject = subject
        self._rules = rules
        self._shifts: dict[str, Shift] = {}
        self._restored: set[str] = set()

    def restore(self, shift: Shift) -> None:
        """Take in a shift as it was last written down; whether anybody heard of it is not known."""
        known = self._shifts.get(shift.shift_id)
        if known is None or shift.revision > known.revision:
            self._shifts[shift.shift_id] = shift
            self._restored.add(shift.shift_id)

    @property
    def shifts(self) -> tuple[Shift, ...]:
        """Every shift, by id."""
        return tuple(self._shifts[shift_id] for shift_id in sorted(self._shifts))

    def open_since(self) -> list[int]:
        """Return the onsets, in Unix seconds, of the shifts that are not over yet."""
        over = ("settled", "withdrawn")
        return [int(shift.onset.timestamp()) for shift in self._shifts.values() if shift.state not in over]

    def reconcile(self, findings: Iterable[Finding], at: datetime) -> list[Shift]:
        """Return the revisions that bring the ledger up to what was found, in order.

        What was restored is told once more as it stands; nothing else is repeated. At a time before the newest
        report, as redelivered ticks bring it, nothing is judged: what was found later would look withdrawn.
        """
        if any(at < shift.reported_at for shift in self._shifts.values()):
            return []
        revisions = self._told_again(at)
        matched: set[str] = set()
        for finding in findings:
            shift = self._match(finding.episode, matched)
            if shift is None and _moment(finding.episode.detected) < at - self._horizon:
                continue  # found only now, in windows long past: the series shows it, no report is made of it
            matched.add(shift.shift_id if shift else self._id_of(finding.episode))
            revisions += self._revise(shift, finding, at)
        for shift in self.shifts:
            recent = shift.detected_at >= at - self._horizon
            if shift.shift_id not in matched and shift.state != "withdrawn" and recent:
                revisions.append(self._withdraw(shift, at))
        return revisions

    def _told_again(self, at: datetime) -> list[Shift]:
        restored, self._restored = self._restored, set()
        return [s for s in self.shifts if s.shift_id in restored and s.reported_at >= at - self._horizon]

    @property
    def _horizon(self) -> timedelta:
        return timedelta(days=self._rules.ledger_days)

    def _match(self, episode: Episode, matched: set[str]) -> Shift | None:
        """Return the entry of the same direction whose span overlaps, or which has the episode's id."""
        same_id = self._shifts.get(self._id_of(episode))
        if same_id is not None:
            return same_id
        for shift in sorted(self._shifts.values(), key=lambda known: (known.onset, known.shift_id)):
            if (
                shift.shift_id not in matched
                and shift.direction == _direction(episode)
                and _overlap(shift, episode)
            ):
                return shift
        return None

    def _id_of(self, episode: Episode) -> str:
        text = f"{self._subject}|{_direction(episode)}|{bucket_of(episode.detected // DAY_S)}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def _revise(self, shift: Shift | None, finding: Finding, at: datetime) -> list[Shift]:
        """Return one revision for each change of state not reported yet, or one if only the content changed."""
        changes: Sequence[Change] = finding.episode.changes
        if shift is not None and shift.state != "withdrawn":
            fresh = [
                change for change in changes if shift.changed_at and _moment(change.at) > shift.changed_at
            ]
            if not fresh:
                return self._restate(shift, finding, at)
            changes = fresh
        revisions = []
        for change in changes:
            shift = self._report(shift, finding, change, at)
            revisions.append(shift)
        return revisions

    def _restate(self, shift: Shift, finding: Finding, at: datetime) -> list[Shift]:
        """Return a revision if what stands behind a state changed, at most one a day; a state at once."""
        fresh = self._shift(shift, finding, finding.episode.last, at)
        same = msgspec.structs.replace(fresh, revision=shift.revision, reported_at=shift.reported_at)
        lately = at - shift.reported_at < timedelta(days=1)
        if same == shift or (lately and fresh.state == shift.state):
            return []
        self._shifts[fresh.shift_id] = fresh
        return [fresh]

    def _report(self, known: Shift | None, finding: Finding, change: Change, at: datetime) -> Shift:
        shift = self._shift(known, finding, change, at)
        self._shifts[shift.shift_id] = shift
        return shift

    def _withdraw(self, shift: Shift, at: datetime) -> Shift:
        withdrawn = msgspec.structs.replace(
            shift,
            revision=shift.revision + 1,
            state="withdrawn",
            reported_at=at,
            changed_at=at,
            settled_at=None,
        )
        self._shifts[shift.shift_id] = withdrawn
        return withdrawn

    def _shift(self, known: Shift | None, finding: Finding, change: Change, at: datetime) -> Shift:
        episode, profile = finding.episode, finding.profile
        return Shift(
            shift_id=known.shift_id if known else self._id_of(episode),
            revision=known.revision + 1 if known else 1,
            subject=self._subject,
            direction=_direction(episode),
            state=change.state,
            onset=_moment(episode.onset),
            detected_at=_moment(episode.detected),
            reported_at=at,
            changed_at=_moment(change.at),
            settled_at=_moment(change.at) if change.state == "settled" else None,
            before=change.before,
            after=change.after,
            statistic=change.statistic,
            threshold=self._rules.threshold,
            expected_false_alarms=self._rules.expected_false_alarms,
            publishers=profile.publishers,
            evidence=profile.evidence,
            counter_evidence=profile.counter_evidence,
            by_language=profile.by_language,
            by_publisher=profile.by_publisher,
            backfill=episode.backfill,
            rules=self._rules.version,
            model=profile.model,
        )


def _direction(episode: Episode) -> Direction:
    return "up" if episode.sign > 0 else "down"


def _overlap(shift: Shift, episode: Episode) -> bool:
    last = shift.settled_at or (shift.changed_at if shift.state == "withdrawn" else None)
    begins_before_its_end = last is None or _moment(episode.onset) <= last
    ends_after_its_onset = episode.ended is None or shift.onset <= _moment(episode.ended)
    return begins_before_its_end and ends_after_its_onset


def _moment(at: int) -> datetime:
    return datetime.fromtimestamp(at, UTC)
