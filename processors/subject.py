"""Everything watch holds of one subject: its rows, and what follows from them, brought up to date at a tick."""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from datetime import datetime

from processors.contributions import Contribution, evidence_of, key_of, newer, voice_of
from processors.copies import Copies
from processors.episodes import HOUR_S, Fold
from processors.ledger import Finding, Ledger
from processors.panel import Panel
from processors.profile import profile_of
from processors.rules import Rules
from processors.series import point
from processors.windows import DAY_S
from riftwatch.records import Evidence, SeriesPoint, Shift


@dataclass(frozen=True, slots=True)
class Update:
    """What a tick changed in one subject."""

    evidence: tuple[Evidence, ...] = ()
    points: tuple[SeriesPoint, ...] = ()
    shifts: tuple[Shift, ...] = ()
    expired: tuple[str, ...] = ()


class Subject:
    """The rows of one subject, and the chain contributions ─▶ copies ─▶ series ─▶ episodes ─▶ ledger."""

    def __init__(self, name: str, rules: Rules) -> None:
        self.ledger = Ledger(name, rules)
        self._name = name
        self._rules = rules
        self._rows: dict[str, Contribution] = {}
        self._order: list[tuple[int, str]] = []  # (time, story_id)
        self._copies = Copies(rules.copy_hours, rules.copy_similarity)
        self._panel = Panel(rules)
        self._fold = Fold(self._panel, rules)
        self._touched: int | None = None  # the earliest time at which something changed
        self._kept_from = 0  # older rows went at the last tick, and such as still come will go at the next
        self._fresh: set[str] = set()  # stories whose evidence is to be told
        self._days: dict[int, datetime] = {}  # days whose point is to be told, and their newest fetch

    def put(self, row: Contribution) -> bool:
        """Take in a row; False when it is no newer than what is there."""
        known = self._rows.get(row.story_id)
        if known is not None and not newer(row, than=known):
            return False
        if known is not None:
            self._order.pop(bisect_left(self._order, (known.at, row.story_id)))
            self._touch(known)
        self._rows[row.story_id] = row
        insort(self._order, (row.at, row.story_id))
        self._touch(row)
        return True

    @property
    def rows(self) -> tuple[Contribution, ...]:
        """Every row."""
        return tuple(self._rows.values())

    def due(self, at: datetime) -> bool:
        """Whether a tick at `at` could find anything new."""
        hour, next_step = _hour(at), self._fold.due()
        expires = self._order and self._order[0][0] < self._oldest(at)
        return bool(expires) or self._touched is not None or (next_step is not None and next_step <= hour)

    def next_step(self) -> int | None:
        """Return the next hour at which time alone may change something."""
        return self._fold.due()

    def update(self, at: datetime) -> Update:
        """Bring everything up to the time `at`."""
        expired = self._expire(at)
        self._derive()
        self._fold.run(_hour(at))
        shifts = self.ledger.reconcile(self._findings(at), at)
        evidence = tuple(
            evidence_of(self._rows[story_id], self._copies.original_of.get(story_id))
            for story_id in sorted(self._fresh)
        )
        points = tuple(self._point(day) for day in sorted(self._days))
        self._fresh, self._days = set(), {}
        return Update(evidence, points, tuple(shifts), expired)

    def _touch(self, row: Contribution) -> None:
        if row.at < self._kept_from:
            return
        self._touched = row.at if self._touched is None else min(self._touched, row.at)
        self._tell(row)

    def _tell(self, row: Contribution) -> None:
        day = row.at // DAY_S
        self._fresh.add(row.story_id)
        self._days[day] = max(row.fetched_at, self._days.get(day, row.fetched_at))

    def _oldest(self, at: datetime) -> int:
        """Return the start of the oldest day kept: a day goes as a whole, its point stays as it was."""
        return (int(at.timestamp()) - self._rules.keep_days * DAY_S) // DAY_S * DAY_S

    def _expire(self, at: datetime) -> tuple[str, ...]:
        oldest = self._kept_from = max(self._oldest(at), self._kept_from)
        count = bisect_left(self._order, (oldest, ""))
        gone = [story_id for _, story_id in self._order[:count]]
        del self._order[:count]
        for story_id in gone:
            del self._rows[story_id]
            self._fresh.discard(story_id)
        self._days = {day: newest for day, newest in self._days.items() if day * DAY_S >= oldest}
        self._touched = None if self._touched is None else max(self._touched, oldest)
        if gone:
            self._copies.drop(oldest)
            self._panel.drop(oldest)
            self._fold.drop(oldest)
        return tuple(key_of(self._name, story_id) for story_id in gone)

    def _derive(self) -> None:
        """Sweep for copies, and lay out the voices, from the earliest change on."""
        since = self._touched
        if since is None:
            return
        first = bisect_left(self._order, (since, ""))
        rows = [self._rows[story_id] for _, story_id in self._order[first:]]
        before = {row.story_id: self._copies.original_of.get(row.story_id) for row in rows}
        self._copies.rewind(since)
        self._copies.sweep(rows)
        originals = self._copies.original_of
        for row in rows:
            if originals.get(row.story_id) != before[row.story_id]:
                self._tell(row)
        self._panel.truncate(since)
        self._panel.extend(voice_of(row) for row in rows if row.speaks and row.story_id not in originals)
        self._fold.rewind(since)
        self._touched = None

    def _findings(self, at: datetime) -> list[Finding]:
        """Return the episodes that may still be reported or revised, with their proof."""
        hour, oldest = _hour(at), self._oldest(at)
        since = min(hour - self._rules.ledger_days * DAY_S, *self.ledger.open_since(), hour)
        return [
            Finding(episode, profile_of(episode, self._panel, hour, self._rules))
            for episode in self._fold.episodes
            if (episode.ended is None or episode.ended >= since) and episode.since >= oldest
        ]

    def _point(self, day: int) -> SeriesPoint:
        first = bisect_left(self._order, (day * DAY_S, ""))
        last = bisect_left(self._order, ((day + 1) * DAY_S, ""))
        rows = [self._rows[story_id] for _, story_id in self._order[first:last]]
        newest = max((row.fetched_at for row in rows), default=self._days[day])
        return point(self._name, day, rows, self._copies.original_of, newest, self._rules)


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // HOUR_S * HOUR_S
