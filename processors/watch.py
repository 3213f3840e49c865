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
from processors.subject import Subject, Update
from riftwatch import log, metrics
from riftwatch.records import Evidence, Reading, SeriesPoint, Shift

__all__ = ["Contribution", "Outcome", "Watcher"]

logger = log.get(__name__)


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
        self._aside: set[str] = set()  # failed, and not tried again before they have news

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
        self._aside.discard(row.subject)
        return key_of(row.subject, row.story_id), row

    def tick(self, at: datetime) -> Outcome:
        """Bring the subjects that are due up to the time `at`. Time that goes backwards changes nothing.

        A subject that fails is set aside until it has news, and the others go on.
        """
        updates = [self._update(name, at) for name in sorted(self._subjects.keys() - self._aside)]
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

    def _update(self, name: str, at: datetime) -> Update:
        subject = self._subjects[name]
        rows, shifts = subject.rows, subject.ledger.shifts
        try:
            if not subject.due(at):
                return Update()
            metrics.SUBJECTS_TESTED.inc()
            return subject.update(at)
        except Exception:
            logger.exception("subject set aside", status="aside", subject=name)
            metrics.SUBJECTS_SET_ASIDE.labels(name).inc()
            self._begin_anew(name, rows, shifts)
            return Update()

    def _begin_anew(self, name: str, rows: Iterable[Contribution], shifts: Iterable[Shift]) -> None:
        """Take a subject that failed half-way back to what was kept of it."""
        del self._subjects[name]
        self.restore([(row.story_id, row) for row in rows], shifts)
        self._aside.add(name)

    def _subject(self, name: str) -> Subject:
        if name not in self._subjects:
            self._subjects[name] = Subject(name, self._rules)
        return self._subjects[name]
