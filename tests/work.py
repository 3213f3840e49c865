"""How much work something is, counted instead of timed: the same on every machine, busy or not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType


def lines_run(work: Callable[[], object]) -> int:
    """Return how many lines of Python a call runs, those of a loop each time round.

    What a library does in C counts for nothing: this finds loops over loops, not a slow regular expression.
    """
    count = 0

    def note(_frame: FrameType, event: str, _arg: object) -> object:
        nonlocal count
        count += event == "line"
        return note

    before = sys.gettrace()
    sys.settrace(note)
    try:
        work()
    finally:
        sys.settrace(before)
    return count
