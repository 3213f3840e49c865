from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands.journal import LINE_BYTES, Journal
from riftwatch.clock import ManualClock

CLOCK = ManualClock(datetime(2025, 1, 22, 9, tzinfo=UTC))


def _copied(tmp_path: Path, said: bytes) -> tuple[list[str], str]:
    journal = Journal(tmp_path / "log", echo=False, clock=CLOCK)
    read, write = os.pipe()
    thread = journal.follow("poll", os.fdopen(read, "rb"))
    os.write(write, said)
    os.close(write)
    thread.join(5)
    journal.close()
    return (tmp_path / "log").read_text(encoding="utf-8").splitlines(), journal.last("poll")


def test_each_line_says_who_spoke(tmp_path: Path) -> None:
    lines, last = _copied(tmp_path, "Zeit für 100 % Ärger\n\nlast words".encode())
    assert lines == ["poll     | Zeit für 100 % Ärger", "poll     | last words"]
    assert last == "last words"


def test_bytes_that_are_no_text_are_shown_not_lost(tmp_path: Path) -> None:
    lines, _ = _copied(tmp_path, b"bad \xff byte\n")
    assert lines == ["poll     | bad � byte"]


def test_nothing_said_can_move_the_cursor_or_ring_the_bell(tmp_path: Path) -> None:
    lines, _ = _copied(tmp_path, b"\x1b[2J\x1b[31mred\x1b[0m\x07 \xc2\x9bnews\r\n\x1b[0m\n")
    assert lines == ["poll     | red news"]


def test_an_endless_line_is_cut(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "log", echo=False, clock=CLOCK)
    (tmp_path / "said").write_bytes(b"x" * (LINE_BYTES + 10))
    journal.follow("poll", (tmp_path / "said").open("rb")).join(5)
    journal.close()
    assert [len(line) - 11 for line in (tmp_path / "log").read_text().splitlines()] == [LINE_BYTES, 10]


def test_its_own_lines_carry_the_time_and_reach_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = Journal(tmp_path / "log", echo=True, clock=CLOCK)
    journal.say("Kafka answers")
    journal.close()
    assert capsys.readouterr().err == "up       | 2025-01-22T09:00:00Z Kafka answers\n"
