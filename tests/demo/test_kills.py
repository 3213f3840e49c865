"""SIGKILL for every process in the middle of a replay: it takes longer, and comes to the same."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from commands.supervisor import ROLES_FILE
from demo.configuration import CLOCK_FILE
from riftwatch.settings import PREFIX, Settings
from tests.demo.runs import NERVOUS, Run

UNTIL = "2024-07-16"
# Two at a time, so that the seconds until their partitions are free again overlap.
WAVES = {
    "2024-06-11": ("poll", "search"),
    "2024-06-14": ("process", "mail"),
    "2024-07-03": ("broker", "desk"),
    "2024-07-14": ("poll", "process", "search", "mail"),
}
LIMIT_S = 150


class Replay:
    """A replay of the first weeks, in a process of its own."""

    def __init__(self, data: Path, config: Path) -> None:
        self.data = data
        self.killed: list[str] = []
        self.pids: set[int] = set()
        environ = {key: value for key, value in os.environ.items() if not key.startswith(PREFIX)}
        command = ("demo", "--until", UNTIL, "--data", str(data), "--exit", "--json")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "commands.main", *command],
            env=environ | {f"{PREFIX}DESK_PORT": "0", f"{PREFIX}CONFIG_DIR": str(config)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def kill(self, names: tuple[str, ...]) -> bool:
        """Kill these roles if all of them run now."""
        roles = json.loads((self.data / ROLES_FILE).read_text())
        pids = [roles.get(name, {}).get("pid") for name in names]
        self.pids |= {role["pid"] for role in roles.values() if role["pid"]}
        if not all(pids):
            return False
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        self.killed += names
        return True

    def day(self) -> str:
        with contextlib.suppress(OSError):
            return (self.data / CLOCK_FILE).read_text()[:10]
        return ""

    def result(self) -> dict[str, object]:
        said, complaints = self.process.communicate(timeout=LIMIT_S)
        assert self.process.returncode in {0, 1}, complaints
        return json.loads(said)


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_S * 2)
@pytest.mark.kafka
def test_killing_every_process_changes_nothing(tmp_path: Path, alone: Run) -> None:
    config = tmp_path / "config"
    config.mkdir()
    (config / "rules.toml").write_text(NERVOUS)
    shutil.copyfile(Settings().config_dir / "watchlist.toml", config / "watchlist.toml")
    stormy = Replay(tmp_path / "stormy", config)
    try:
        waves = list(WAVES.items())
        while waves and stormy.process.poll() is None:
            day, names = waves[0]
            if stormy.day() >= day and stormy.kill(names):
                waves.pop(0)
            time.sleep(0.05)
        disturbed = stormy.result()
    finally:
        stormy.process.terminate()
        stormy.process.wait(30)
    assert set(stormy.killed) == {"broker", "poll", "process", "search", "mail", "desk"}
    undisturbed = alone.verdict
    assert disturbed["tally"] == _as_json(undisturbed.tally)
    assert disturbed["shifts"] == _as_json(undisturbed.shifts)
    assert disturbed["problems"] == undisturbed.report.problems
    assert undisturbed.tally.items > 50
    assert undisturbed.tally.mails > 0
    assert not [pid for pid in stormy.pids if _alive(pid)]


def _as_json(what: object) -> object:
    return json.loads(msgspec.json.encode(what))


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
