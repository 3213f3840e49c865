"""Clocks: UTC always, stepped atomically, broken ones named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from riftwatch import clock
from riftwatch.errors import ConfigError


def test_a_file_clock_shows_what_was_stepped(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    moment = datetime(2025, 1, 22, 22, 30, tzinfo=UTC)
    clock.step_clock(path, moment)
    assert clock.clock_from(f"file:{path}").now() == moment


def test_a_missing_clock_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no clock time"):
        clock.clock_from(f"file:{tmp_path / 'none'}").now()


@pytest.mark.parametrize("setting", ["", "file:", "sundial"])
def test_an_unknown_clock_is_refused(setting: str) -> None:
    with pytest.raises(ConfigError, match="clock must be"):
        clock.clock_from(setting)


def test_naive_times_are_utc_and_offsets_are_converted() -> None:
    assert clock.iso(clock.parse_time("2025-01-22T14:10:00+02:00")) == "2025-01-22T12:10:00Z"
    assert clock.parse_time("2025-01-22").tzinfo is UTC
