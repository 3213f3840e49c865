"""Watch: readings ─▶ contributions ─▶ series ─▶ episodes ─▶ ledger.

The one chain that turns readings into evidence, series and shifts. It reads no clock, knows no Kafka and no
store: readings come in, and a tick says what time it is. Contributions, series and episodes depend on the set
of readings alone, never on the order in which they came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from processors.contributions import Contribution, contribution_of, key_of
from processors.rules import Rules
from processors.subject import Subject
from riftwatch import metrics
from riftwatch.records import Evidence, Reading, SeriesPoint, Shift

__all__ = ["Contribution", "Outcome", "Watcher"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What changed since the last outcome; everything after a restore. Telling it twice does no harm."""

    evidence: tuple[Evidence, ...] = ()
    points: tuple[SeriesPoint, ...] = ()
    shifts: tuple[Shift, ...] = ()
    expired: tuple[str, ...] = ()  # keys of rows to forget


class Watcher:
    """The state of one partition: the subjects whose readings it gets."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._subjects: dict[str, Subject] = {}

    def restore(self, rows: Iterable[tuple[str, Contribution]], ledger: Iterable[Shift]) -> None:
        """Take in the rows and the shifts that were kept; the next tick tells everything anew."""
        for _, row in rows:
            self._subject(row.subject).put(row)
        for shift in ledger:
            self._subject(shift.subject).ledger.restore(shift)

    def absorb(self, reading: Reading) -> tuple[str, Contribution] | None:
        """Take in a reading; return the row to keep with its key, None when nothing changed by it."""
        row = contribution_of(reading)
        if not self._subject(row.subject).put(row):
            return None
        return key_of(row.subject, row.story_id), row

    def tick(self, at: datetime) -> Outcome:
        """Bring the subjects that are due up to the time `at`. Time that goes backwards changes nothing."""
        updates = []
        for name in sorted(self._subjects):
            subject = self._subjects[name]
            if subject.due(at):
                metrics.SUBJECTS_TESTED.inc()
                updates.append(subject.update(at))
        return Outcome(
            evidence=tuple(evidence for update in updates for evidence in update.evidence),
            points=tuple(point for update in updates for point in update.points),
            shifts=tuple(shift for update in updates for shift in update.shifts),
            expired=tuple(key for update in updates for key in update.expired),
        )

    def due(self) -> datetime | None:
        """Return the next hour at which time alone may change something, None if only a reading can."""
        steps = [step for subject in self._subjects.values() if (step := subject.next_step()) is not None]
        return datetime.fromtimestamp(min(steps), UTC) if steps else None

    def _subject(self, name: str) -> Subject:
        if name not in self._subjects:
            self._subjects[name] = Subject(name, self._rules)
        return self._subjects[name]
