from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commands import guard
from commands.children import Children

STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
)


@pytest.fixture
def children() -> Iterator[Children]:
    made = Children()
    yield made
    made.close()


def gone(pid: int) -> bool:
    """Whether the process has ended; one that nobody has reaped yet counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def eventually(true: Callable[[], bool], limit_s: float = 10.0) -> bool:
    until = time.monotonic() + limit_s
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_the_guard_keeps_what_was_added_and_not_removed() -> None:
    assert guard.listed(["+1\n", "+2\n", "-1\n", "+3\n", "-9\n"]) == [2, 3]


def test_a_child_that_listens_is_not_killed(children: Children) -> None:
    child = children.start(["sleep", "60"])
    assert children.stop([child], grace_s=5) == []
    assert child.returncode == -signal.SIGTERM


def test_a_child_that_does_not_listen_is_killed_after_the_grace(children: Children) -> None:
    polite = children.start(["sleep", "60"])
    stubborn = children.start([sys.executable, "-c", STUBBORN], output=subprocess.PIPE)
    assert stubborn.stdout
    stubborn.stdout.readline()
    assert children.stop([polite, stubborn], grace_s=0.3) == [stubborn.pid]
    assert stubborn.returncode == -signal.SIGKILL
    stubborn.stdout.close()


def test_what_a_dead_child_left_in_its_group_is_ended(children: Children) -> None:
    child = children.start(["sh", "-c", "sleep 60 & echo $!; wait"], output=subprocess.PIPE)
    assert child.stdout
    grandchild = int(child.stdout.readline())
    child.kill()
    child.wait()
    children.ended(child)
    assert eventually(lambda: gone(grandchild))
    child.stdout.close()


PARENT = """
import subprocess, sys, time
from commands.children import Children
children = Children(held=[int(sys.argv[1])])
script = "sleep 60 & echo $!; sleep 60 & echo $!; wait"
child = children.start(["sh", "-c", script], output=subprocess.PIPE)
print(child.pid, int(child.stdout.readline()), int(child.stdout.readline()), flush=True)
time.sleep(60)
"""


def test_no_child_outlives_a_parent_killed_with_sigkill() -> None:
    read, held = os.pipe()
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(held)], stdout=subprocess.PIPE, pass_fds=[held], cwd=Path.cwd()
    )
    os.close(held)
    assert parent.stdout
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(set(pids)) == 3
    parent.kill()
    parent.wait()
    parent.stdout.close()
    assert os.read(read, 1) == b""  # what the guard holds is let go only when all are gone
    os.close(read)
    assert eventually(lambda: all(map(gone, pids)))
