from __future__ import annotations

import subprocess
import sys

import pytest

from commands.job import CAP_S, HEALTHY_S, Backoff, Job


def test_waits_double_up_to_the_cap() -> None:
    backoff = Backoff()
    assert [backoff.after(1.0) for _ in range(9)] == [0.5, 1, 2, 4, 8, 16, CAP_S, CAP_S, CAP_S]


def test_a_healthy_minute_resets_the_wait() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(0.0)
    assert backoff.after(HEALTHY_S) == 0.5
    assert backoff.after(1.0) == 1.0


def test_a_job_is_due_only_after_its_wait() -> None:
    job = Job("short", lambda: subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]))
    job.start(100.0)
    assert job.process
    assert job.pid == job.process.pid
    job.process.wait()
    ended = job.reap(101.0)
    assert ended
    assert ended.returncode == 3
    assert job.pid is None
    assert job.reap(101.0) is None
    assert (job.due(101.4), job.due(101.5)) == (False, True)


def test_a_launch_that_raises_counts_as_a_death() -> None:
    def full() -> subprocess.Popen[bytes]:
        raise OSError("No space left on device")

    job = Job("full", full)
    for now, wait in ((0.0, 0.5), (10.0, 1.0)):
        with pytest.raises(OSError):
            job.start(now)
        assert job.again == now + wait
    assert job.starts == 2
