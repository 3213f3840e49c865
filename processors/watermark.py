"""Time that several sources tell: it has passed only what the slowest of them has passed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


class Slowest:
    """The newest time told by each source, and the oldest of those times. A source never goes back."""

    def __init__(self) -> None:
        self._told: dict[int, datetime] = {}

    def hear(self, sources: Iterable[int], at: datetime, *, of: int) -> datetime | None:
        """Take in what some sources tell; return the time that all `of` them have reached, None before that."""
        for source in sources:
            self._told[source] = max(at, self._told.get(source, at))
        return min(self._told.values()) if len(self._told) >= of else None
