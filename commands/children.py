"""Child processes that cannot outlive us: each leads a process group that the guard knows.

Does not restart anything; that is the supervisor's business.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from commands import guard

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CLOSE_S = 3.0
KILL_WAIT_S = 5.0  # a killed process is gone within milliseconds; a disk that hangs may hold it


class Starter(Protocol):
    """What starts processes and ends them: `Children`, or the testbed's, which leaves them running."""

    def start(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None,
        output: int | IO[bytes] = subprocess.DEVNULL, user: str | None = None,
    ) -> subprocess.Popen[bytes]:  # fmt: skip
        """Start a process that leads a group of its own."""

    def stop(self, children: Sequence[subprocess.Popen[bytes]], grace_s: float) -> list[int]:
        """Stop processes: SIGTERM, SIGKILL after `grace_s`. Returns the pids that were killed."""


class Children:
    """Starts and ends child processes; when this process dies, even by SIGKILL, so do they.

    `held` are file descriptors that stay open until the last child is gone: the data folder's lock.
    """

    def __init__(self, held: Sequence[int] = ()) -> None:
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._guard = subprocess.Popen(
            [sys.executable, "-I", "-S", guard.__file__],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, pass_fds=held, start_new_session=True, text=True,
        )  # fmt: skip

    def start(
        self, argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None,
        output: int | IO[bytes] = subprocess.DEVNULL, user: str | None = None,
    ) -> subprocess.Popen[bytes]:  # fmt: skip
        """Start a child in a process group of its own, standard output and error going to `output`.

        With a `user` it runs as that account and in its group alone; only root can do that.
        """
        with _undisturbed():
            child = spawn(argv, env=env, cwd=cwd, output=output, user=user)
            self._running[child.pid] = child
            self._tell(f"+{child.pid}")
        return child

    def ended(self, child: subprocess.Popen[bytes]) -> None:
        """Take note that a child has ended by itself, and end what it left in its group."""
        with contextlib.suppress(OSError):
            os.killpg(child.pid, signal.SIGKILL)
        self._running.pop(child.pid, None)
        self._tell(f"-{child.pid}")

    def stop(self, children: Sequence[subprocess.Popen[bytes]], grace_s: float) -> list[int]:
        """Stop children side by side: SIGTERM, SIGKILL after `grace_s`. Returns the pids that were killed."""
        for child in children:
            if child.poll() is None:
                with contextlib.suppress(OSError):
                    child.terminate()
        until = time.monotonic() + grace_s
        late = [child for child in children if not _gone(child, max(0.0, until - time.monotonic()))]
        for child in children:
            self.ended(child)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(KILL_WAIT_S)
        return [child.pid for child in late]

    def close(self) -> None:
        """End whatever is left and the guard itself."""
        self.stop(list(self._running.values()), CLOSE_S)
        if self._guard.stdin:
            with contextlib.suppress(OSError):
                self._guard.stdin.close()
        self._guard.wait(guard.GRACE_S + KILL_WAIT_S)

    def _tell(self, line: str) -> None:
        assert self._guard.stdin
        with contextlib.suppress(OSError):  # a guard that was killed must not take us with it
            self._guard.stdin.write(line + "\n")
            self._guard.stdin.flush()


def spawn(
    argv: Sequence[str], *, env: Mapping[str, str] | None = None, cwd: Path | None = None,
    output: int | IO[bytes] = subprocess.DEVNULL, user: str | None = None,
) -> subprocess.Popen[bytes]:  # fmt: skip
    """Start a process that leads a group of its own and reads nothing."""
    account = None if user is None else pwd.getpwnam(user)
    return subprocess.Popen(
        argv, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        start_new_session=True, user=account and account.pw_uid, group=account and account.pw_gid,
        extra_groups=account and [],
    )  # fmt: skip


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold signals back: one that raises between a fork and its entry here would leave an orphan."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    before = {number: signal.signal(number, lambda number, _: heard.append(number)) for number in STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
    for late in heard:
        signal.raise_signal(late)


def _gone(child: subprocess.Popen[bytes], wait_s: float) -> bool:
    try:
        child.wait(wait_s)
    except subprocess.TimeoutExpired:
        return False
    return True
