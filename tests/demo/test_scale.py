"""Two pollers, three workers, two sinks on Elasticsearch, twelve partitions, each kind killed: nothing changes."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from commands.supervisor import Supervisor
from demo.stage import Stage
from riftwatch.clock import monotonic
from tests.demo.runs import LIMIT_S, PARTITIONS, Run, assert_same, doubled, run

# In the middle of these steps a process dies and stays dead; its partners take over.
DEATHS = {"2024-06-12": "poll", "2024-06-21": "search-2", "2024-07-03": "process-2", "2024-07-12": "process"}
DAY_OF = {name: day for day, name in DEATHS.items()}
FREEZES = "2024-06-28"  # the third worker; it must notice, end itself, and come back as a fresh one
FROZEN_S = 8.0  # the session is 6
AFTER_S = 0.25  # from the step of the clock to the death: polls and analysis are under way


@dataclass
class Deaths:
    """Kills one process after the other, for good."""

    left: dict[str, str] = field(default_factory=lambda: dict(DEATHS))
    killed: list[str] = field(default_factory=list)
    steps: list[tuple[str, float]] = field(default_factory=list)

    def took(self) -> dict[str, float]:
        """How long the steps took in which somebody died: until a partner had taken over."""
        ends = [at for _, at in self.steps[1:]]
        times = {day: round(end - at, 1) for (day, at), end in zip(self.steps, ends, strict=False)}
        return {day: times[day] for day in (*DEATHS, FREEZES)}

    def __call__(self, moment: datetime, system: Supervisor) -> None:
        self.steps.append((f"{moment:%Y-%m-%d}", monotonic()))
        for day, name in list(self.left.items()):
            if f"{moment:%Y-%m-%d}" >= day:
                del self.left[day]
                pid = system.jobs.pop(name).pid
                assert pid is not None
                threading.Timer(AFTER_S, os.kill, (pid, signal.SIGKILL)).start()
                self.killed.append(name)
                return
        if f"{moment:%Y-%m-%d}" == FREEZES:
            self._freeze(system.jobs["process-3"].pid)

    def _freeze(self, pid: int | None) -> None:
        """Stop a process for longer than its session; it wakes up when others have its partitions."""
        assert pid is not None
        threading.Timer(AFTER_S, os.kill, (pid, signal.SIGSTOP)).start()
        threading.Timer(AFTER_S + FROZEN_S, os.kill, (pid, signal.SIGCONT)).start()


@pytest.mark.slow
@pytest.mark.elasticsearch
@pytest.mark.timeout(LIMIT_S * 2)
@pytest.mark.usefixtures("nervous")
def test_who_shares_the_work_and_dies_changes_nothing(
    tmp_path: Path, alone: Run, elasticsearch_url: str, index_prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RIFTWATCH_INDEX_PREFIX", index_prefix)
    monkeypatch.setenv("RIFTWATCH_INDEX_ANALYSIS", "plain")
    deaths = Deaths()
    stage = Stage(store=elasticsearch_url, partitions=PARTITIONS, pollers=2, workers=3, sinks=2)
    together = run(tmp_path / "together", stage, before_step=deaths)
    assert sorted(deaths.killed) == ["poll", "process", "process-2", "search-2"]
    assert_same(alone, together)
    moments = alone.replay.recording.moments
    assert doubled(alone.replay, moments) == []
    twice = doubled(together.replay, moments)
    # Only polls cut short by the death of the poller, repeated by the one that took over.
    assert {f"{moment:%Y-%m-%d}" for _, moment in twice} <= {DAY_OF["poll"]}
    print(f"longest steps, in seconds: {deaths.took()}; polled twice: {len(twice)}")
