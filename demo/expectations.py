"""expected.toml: what history says the system must notice, and where it must stay quiet. Read, never written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from demo.corpus import HERE, read_toml
from riftwatch.records import Direction


class ExpectedShift(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A shift that must be detected within `within_days` of `day`."""

    subject: str
    direction: Direction
    day: date = msgspec.field(name="date")
    within_days: int
    languages: tuple[str, ...]  # each must be among the evidence
    why: str

    def covers(self, day: date) -> bool:
        """Tell whether a detection on this day is the expected one."""
        return abs((day - self.day).days) <= self.within_days


class Quiet(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename={"since": "from", "until": "to"},
):
    """A span of days, both included, on which no shift of the subject may be detected."""

    subject: str
    since: date
    until: date
    why: str

    def covers(self, day: date) -> bool:
        """Tell whether a day lies in the span."""
        return self.since <= day <= self.until


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    shift: tuple[ExpectedShift, ...]
    quiet: tuple[Quiet, ...]

    def until(self, day: date) -> Expected:
        """Return what can be expected of a run that ends with a day."""
        return Expected(
            shift=tuple(one for one in self.shift if (day - one.day).days >= one.within_days),
            quiet=self.quiet,
        )


def load(folder: Path = HERE) -> Expected:
    """Read expected.toml; raises ConfigError."""
    return read_toml(folder / "expected.toml", Expected)
