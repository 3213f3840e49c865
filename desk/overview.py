"""The overview: what changed, how everyone stands to everyone, and the tone toward each actor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec

from desk.lines import RECENT_DAYS, ShiftLine, SubjectLine, shift_line, subject_line
from desk.look import Look
from desk.query import Asked

CHANGES = 6


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the matrix: an actor and its relation to those before it; None where nothing is known."""

    entity: str
    cells: tuple[SubjectLine | None, ...]


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """All of the overview."""

    now: datetime
    days: int
    changes: tuple[ShiftLine, ...]
    shifts_total: int
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    pairs: tuple[SubjectLine, ...]
    actors: tuple[SubjectLine, ...]

    @property
    def empty(self) -> bool:
        """Whether there is nothing to show yet."""
        return not (self.pairs or self.actors or self.changes)


def overview(look: Look, asked: Asked) -> Overview:  # noqa: ARG001 - every view takes both
    """Return the overview: four queries, whatever the number of stories."""
    now = look.now()
    today = now.date()
    pairs = [
        subject_line(summary, today, look)
        for summary in look.store.subjects("relation", today, days=RECENT_DAYS)
    ]
    actors = [
        subject_line(summary, today, look) for summary in look.store.subjects("tone", today, days=RECENT_DAYS)
    ]
    shifts = look.store.shifts(limit=CHANGES)
    order = _order(look.names.actors, pairs, actors)
    return Overview(
        now=now,
        days=RECENT_DAYS,
        changes=tuple(shift_line(shift, look) for shift in shifts),
        shifts_total=shifts.total,
        columns=tuple(order[:-1]),
        rows=_rows(order, pairs),
        pairs=tuple(sorted(pairs, key=lambda line: (-line.stories, line.subject))),
        actors=tuple(sorted(actors, key=lambda line: order.index(line.entities[0]))),
    )


def _order(followed: Iterable[str], *groups: list[SubjectLine]) -> list[str]:
    """Return the followed actors in the desk's order, then those that only the store still knows."""
    order = list(followed)
    seen = {entity for lines in groups for line in lines for entity in line.entities}
    return order + sorted(seen - set(order))


def _rows(order: list[str], pairs: list[SubjectLine]) -> tuple[Row, ...]:
    known = {frozenset(line.entities): line for line in pairs}
    return tuple(
        Row(entity=entity, cells=tuple(known.get(frozenset((entity, other))) for other in order[:place]))
        for place, entity in enumerate(order)
        if place
    )
