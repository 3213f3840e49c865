"""All shifts, newest first."""

from __future__ import annotations

import msgspec

from desk.lines import ShiftLine, shift_line
from desk.look import Look
from desk.query import PAGE_SIZE, Asked, Paging


class ShiftsPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the list of shifts."""

    shifts: tuple[ShiftLine, ...]
    paging: Paging


def shifts(look: Look, asked: Asked) -> ShiftsPage:
    """Return a page of shifts; raises BadQuery."""
    page = asked.page()
    found = look.store.shifts(limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return ShiftsPage(
        shifts=tuple(shift_line(shift, look) for shift in found), paging=Paging(page=page, total=found.total)
    )
