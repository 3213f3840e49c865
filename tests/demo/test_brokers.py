"""One of three brokers is killed in the middle of a replay and comes back later: it takes longer, nothing is lost."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from commands.supervisor import Supervisor
from commands.testbed.cluster import Cluster
from commands.topics import check
from demo.stage import Stage
from riftwatch.clock import monotonic
from riftwatch.settings import Settings
from tests.conftest import _forget
from tests.demo.runs import LIMIT_S, Run, assert_same, run

DIES, RETURNS = "2024-06-21", "2024-07-12"
AFTER_S = 0.25  # from the step of the clock to the death: polls and analysis are under way


@dataclass
class Death:
    """Kills the first broker, to which every client connects first, and starts it again some steps later."""

    brokers: Cluster
    steps: dict[str, float] = field(default_factory=dict)

    def __call__(self, moment: datetime, _: Supervisor) -> None:
        day = f"{moment:%Y-%m-%d}"
        self.steps.setdefault(day, monotonic())
        if day == DIES:
            threading.Timer(AFTER_S, self.brokers.kill, (1,)).start()
        elif day == RETURNS:
            self.brokers.start(1)

    def took(self) -> float:
        """How long the step took in which the broker died."""
        days = list(self.steps)
        return self.steps[days[days.index(DIES) + 1]] - self.steps[DIES]


@pytest.mark.slow
@pytest.mark.kafka
@pytest.mark.timeout(LIMIT_S * 2)
@pytest.mark.usefixtures("nervous")
def test_a_broker_of_three_that_dies_takes_nothing_along(
    tmp_path: Path, alone: Run, three_brokers: Cluster
) -> None:
    settings = Settings(kafka=three_brokers.bootstrap, replication=3)
    _forget(settings)
    death = Death(three_brokers)
    stage = Stage(kafka=three_brokers.bootstrap, replication=3, workers=2)
    bereft = run(tmp_path / "bereft", stage, before_step=death)
    assert_same(alone, bereft)
    assert check(settings) == []
    print(f"the step in which a broker died: {death.took():.1f} s")
    _forget(settings)
