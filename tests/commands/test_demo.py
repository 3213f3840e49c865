from __future__ import annotations

from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from commands import demo
from commands.replaying import recording
from riftwatch.errors import UserError


def test_the_whole_recording_by_default() -> None:
    recorded = recording(None)
    assert len(recorded.moments) > 136
    assert len(recorded.expected.shift) == 3


def test_a_part_of_it_is_held_to_what_it_can_know() -> None:
    recorded = recording(datetime(2024, 7, 16, tzinfo=UTC))
    assert f"{recorded.moments[-1]:%Y-%m-%d}" == "2024-07-15"
    assert [f"{shift.day}" for shift in recorded.expected.shift] == ["2024-07-14"]


def test_a_day_before_the_recording_is_refused() -> None:
    with pytest.raises(UserError, match="nothing is recorded up to 2024-01-01: the first day is 2024-06-05"):
        recording(datetime(2024, 1, 1, tzinfo=UTC))


def test_help_shows_an_example() -> None:
    shown = CliRunner().invoke(demo.command, ["--help"])
    assert shown.exit_code == 0
    assert "Example: riftwatch demo" in shown.output
    assert "DEMO_EXIT" in shown.output
