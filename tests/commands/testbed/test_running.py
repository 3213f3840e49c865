from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from commands.testbed.bed import Leaving
from commands.testbed.running import Running, born, end, forget, recall, remember

DEAF = "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('.', flush=True); time.sleep(60)"


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    process = Leaving().start(["sleep", "60"])
    yield process
    process.kill()
    process.wait()


def _of(process: subprocess.Popen[bytes], name: str = "kafka") -> Running:
    return Running(name, process.pid, born(process.pid), "127.0.0.1:1", "/dev/null")


def test_what_was_started_is_found_again_until_it_is_forgotten(
    tmp_path: Path, sleeper: subprocess.Popen[bytes]
) -> None:
    assert recall(tmp_path) == []
    remember(tmp_path, _of(sleeper))
    remember(tmp_path, _of(sleeper, "opensearch"))
    assert recall(tmp_path) == [_of(sleeper), _of(sleeper, "opensearch")]
    assert all(one.alive for one in recall(tmp_path))
    forget(tmp_path, "kafka")
    forget(tmp_path, "kafka")
    assert [one.name for one in recall(tmp_path)] == ["opensearch"]


def test_a_file_that_was_cut_short_is_no_process(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    remember(tmp_path, _of(sleeper))
    (tmp_path / "running" / "elasticsearch.json").write_text('{"name": "elastic')
    assert [one.name for one in recall(tmp_path)] == ["kafka"]


def test_a_pid_that_is_somebody_elses_by_now_is_left_alone(sleeper: subprocess.Popen[bytes]) -> None:
    stranger = replace(_of(sleeper), born="1")
    assert not stranger.alive
    assert end([stranger], 0.5) == []
    assert sleeper.poll() is None


def test_ending_waits_until_the_process_is_gone(sleeper: subprocess.Popen[bytes]) -> None:
    running = _of(sleeper)
    assert end([running], 5) == []
    assert not running.alive
    assert end([running], 5) == []


def test_one_that_does_not_listen_is_killed_and_named() -> None:
    process = subprocess.Popen([sys.executable, "-c", DEAF], stdout=subprocess.PIPE, start_new_session=True)
    assert process.stdout
    process.stdout.readline()
    assert end([_of(process, "deaf")], 0.2) == ["deaf"]
    assert process.wait() == -signal.SIGKILL
    process.stdout.close()


def test_a_process_that_has_ended_was_never_born(sleeper: subprocess.Popen[bytes]) -> None:
    assert born(sleeper.pid) == born(sleeper.pid) != ""
    sleeper.kill()
    os.waitid(os.P_PID, sleeper.pid, os.WEXITED | os.WNOWAIT)
    assert born(sleeper.pid) == ""  # a zombie is no engine
    sleeper.wait()
    assert born(sleeper.pid) == ""
