"""Which processes the testbed has started, and whether they still are what they were.

One small file each under running/. A pid alone proves nothing: it may be somebody else's by now, so the moment
its process was born is kept with it and compared before anything is ended.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

FOLDER = "running"
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Running:
    """A process of the testbed: an engine's name, where clients find it, and what it says."""

    name: str
    pid: int
    born: str
    address: str
    log: str

    @property
    def alive(self) -> bool:
        """Whether the process is there and still the one that was started."""
        return bool(self.born) and born(self.pid) == self.born


def born(pid: int) -> str:
    """Return when a process began, in whatever way this machine tells it; nothing when it is gone."""
    proc = Path(f"/proc/{pid}/stat")
    if proc.parent.parent.is_dir() and Path("/proc/self/stat").exists():
        with contextlib.suppress(OSError):
            state, *_, ticks = proc.read_text("utf-8", "replace").rpartition(")")[2].split()[:20]
            return "" if state == "Z" else ticks
        return ""
    asked = subprocess.run(
        ["ps", "-o", "lstart=", "-p", f"{pid}"], capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


def remember(bed: Path, running: Running) -> None:
    """Keep which process it is."""
    folder = bed / FOLDER
    folder.mkdir(exist_ok=True)
    fresh = folder / f"{running.name}.new"
    fresh.write_bytes(msgspec.json.encode(running))
    fresh.replace(folder / f"{running.name}.json")


def forget(bed: Path, name: str) -> None:
    """Forget a process that was ended."""
    (bed / FOLDER / f"{name}.json").unlink(missing_ok=True)


def recall(bed: Path) -> list[Running]:
    """Return every process that was started and not ended, alive or not, by name."""
    found = []
    for path in sorted((bed / FOLDER).glob("*.json")):
        with contextlib.suppress(OSError, msgspec.MsgspecError):
            found.append(msgspec.json.decode(path.read_bytes(), type=Running))
    return found


def end(running: list[Running], grace_s: float) -> list[str]:
    """End processes side by side: SIGTERM, SIGKILL after the grace. Returns the names of those killed."""
    living = [one for one in running if one.alive]
    for one in living:
        _signal(one, signal.SIGTERM)
    until = time.monotonic() + grace_s
    while (late := [one for one in living if one.alive]) and time.monotonic() < until:
        time.sleep(LOOK_S)
    for one in living:  # the group too: what an engine started itself
        with contextlib.suppress(OSError):
            os.killpg(one.pid, signal.SIGKILL)
    while any(one.alive for one in living):
        time.sleep(LOOK_S)
    return [one.name for one in late]


def _signal(one: Running, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(one.pid, number)
