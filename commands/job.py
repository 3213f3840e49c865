"""One child to keep alive: when to start it again, and what is known of it. Reads no clock."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field

FIRST_S = 0.5
CAP_S = 30.0
HEALTHY_S = 60.0

Process = subprocess.Popen[bytes]


@dataclass(slots=True)
class Backoff:
    """How long to wait before starting again what died: twice as long each time, up to a cap.

    A healthy minute resets it, so that a crash a day costs half a second.
    """

    next_s: float = FIRST_S

    def after(self, ran_s: float) -> float:
        """Return the seconds to wait after a run of `ran_s` seconds."""
        wait_s = FIRST_S if ran_s >= HEALTHY_S else self.next_s
        self.next_s = min(CAP_S, wait_s * 2)
        return wait_s


@dataclass(slots=True)
class Job:
    """A child to keep alive. Times are seconds of a monotonic clock that the caller reads."""

    name: str
    launch: Callable[[], Process]
    metrics_port: int = 0
    process: Process | None = None
    starts: int = 0
    started: float = 0.0
    again: float = 0.0
    backoff: Backoff = field(default_factory=Backoff)

    @property
    def pid(self) -> int | None:
        """The process, None while it waits to be started again."""
        return self.process.pid if self.process else None

    def start(self, now: float) -> None:
        """Start the child; whatever the launch raises counts as a death and is raised."""
        self.starts += 1
        self.started = now
        try:
            self.process = self.launch()
        except BaseException:
            self.again = now + self.backoff.after(0.0)
            raise

    def reap(self, now: float) -> Process | None:
        """Return the process if it has ended since the last look, and set when to start it again."""
        ended = self.process
        if ended is None or ended.poll() is None:
            return None
        self.process = None
        self.again = now + self.backoff.after(now - self.started)
        return ended

    def never_ran(self, now: float) -> bool:
        """Tell whether the child ended soon after its very first start: what it lacks, it never had."""
        return self.starts == 1 and now - self.started < HEALTHY_S

    def due(self, now: float) -> bool:
        """Tell whether it is time to start the child again."""
        return self.process is None and now >= self.again
