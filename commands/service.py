"""A process that others talk to: started, asked until it answers, ended. Brokers and search engines are such.

What it takes to start one, how it is asked, and what its log means is told by each kind.
"""

from __future__ import annotations

import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from commands.children import Starter
from riftwatch.errors import UserError

LOOK_S = 0.05


class Service(ABC):
    """One process over its folder. `start` again after it ended: same folder, same port."""

    start_s: ClassVar[float]  # how long it may take to answer
    stop_s: ClassVar[float]  # how long it may take to end

    def __init__(self, title: str, log: Path, starter: Starter) -> None:
        self.title = title
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self._starter = starter

    @property
    @abstractmethod
    def address(self) -> str:
        """Where clients find it."""

    @abstractmethod
    def launch(self) -> subprocess.Popen[bytes]:
        """Start it without waiting for its answer; raises UserError."""

    @abstractmethod
    def answers(self) -> bool:
        """Tell whether it answers, and is ready for work."""

    @abstractmethod
    def failure(self) -> str:
        """Say in one sentence why it ended."""

    def start(self) -> str:
        """Start it, wait until it answers, and return its address; raises UserError."""
        self.launch()
        self.wait()
        return self.address

    def wait(self, limit_s: float | None = None) -> None:
        """Wait until it answers; raises UserError when it ends before or takes too long."""
        limit_s = self.start_s if limit_s is None else limit_s
        until = time.monotonic() + limit_s
        while not self.answers():
            if not self.alive():
                raise UserError(self.failure())
            if time.monotonic() > until:
                raise UserError(f"{self.title} did not answer within {limit_s:.0f} s; see {self.log}.")
            time.sleep(LOOK_S)

    def alive(self) -> bool:
        """Tell whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self, grace_s: float | None = None) -> None:
        """Stop it; it never takes longer than the grace and a kill."""
        if self.process is not None:
            self._starter.stop([self.process], self.stop_s if grace_s is None else grace_s)
            self.process = None


def tail(path: Path, size: int = 20_000) -> str:
    """Return the end of a log; nothing when there is none."""
    try:
        return path.read_bytes()[-size:].decode("utf-8", "replace")
    except OSError:
        return ""
