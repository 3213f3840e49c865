"""`riftwatch desk` as a process: starts before its store exists, answers, and stops when told."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_answers_before_there_is_a_store_and_stops_when_told(tmp_path: Path) -> None:
    environ = {**os.environ, "RIFTWATCH_DESK_PORT": "0", "RIFTWATCH_DATA": str(tmp_path / "live")}
    with subprocess.Popen(
        [sys.executable, "-m", "commands.main", "desk"],
        cwd=ROOT,
        env=environ,
        stderr=subprocess.PIPE,
        text=True,
    ) as desk:
        assert desk.stderr
        found = re.search(r"http://127\.0\.0\.1:\d+/", desk.stderr.readline())
        assert found
        with urllib.request.urlopen(found[0], timeout=20) as answer:
            assert b"Waiting for the first stories" in answer.read()
        desk.send_signal(signal.SIGTERM)
        assert desk.wait(timeout=20) == 0


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    environ = {**os.environ, "RIFTWATCH_STORE": "nonsense"}
    shown = subprocess.run(
        [sys.executable, "-m", "commands.main", "desk"],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert shown.returncode == 2
    assert shown.stderr.startswith("riftwatch: store must be")
    assert len(shown.stderr.splitlines()) == 1
