"""The only place that reads the time of day.

Only the poller and the mail sink hold a clock; every other stage takes its time from the records.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from riftwatch.errors import ConfigError


class Clock(Protocol):
    """Tells the time of day, in UTC."""

    def now(self) -> datetime:
        """Return the current time, timezone-aware, in UTC."""


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC)


class FileClock:
    """A clock that another process steps by writing an ISO 8601 time into a file.

    The demo replays eighteen months in two minutes with it. The writer replaces the file atomically.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """Return the time that the file holds; raises ConfigError if it holds none."""
        try:
            return parse_time(self._path.read_text(encoding="ascii").strip())
        except (OSError, ValueError) as error:
            raise ConfigError(f"no clock time can be read ({error})", self._path) from error


class ManualClock:
    """A clock that tests move."""

    def __init__(self, start: datetime) -> None:
        self.time = start

    def now(self) -> datetime:
        """Return the time last set."""
        return self.time


def step_clock(path: Path, to: datetime) -> None:
    """Set the time of a FileClock, atomically."""
    fresh = path.with_suffix(".new")
    fresh.write_text(iso(to), encoding="ascii")
    fresh.replace(path)


def clock_from(setting: str) -> Clock:
    """Return the clock that the setting `clock` names: "wall" or "file:PATH"."""
    if setting == "wall":
        return WallClock()
    kind, _, path = setting.partition(":")
    if kind == "file" and path:
        return FileClock(Path(path))
    raise ConfigError(f'clock must be "wall" or "file:PATH", not "{setting}"')


def iso(moment: datetime) -> str:
    """Return the time as ISO 8601 in UTC with a Z, to the second if it has no fraction."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time; a naive one is UTC. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def monotonic() -> float:
    """Return seconds for measuring durations; never for times that are stored."""
    return time.monotonic()
