from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.stepper import Stepper
from riftwatch.clock import FileClock
from riftwatch.errors import StateError

EVENING = datetime(2025, 1, 22, 22, 30, tzinfo=UTC)


class System:
    """A system of which each stage needs a few looks to catch up; it writes down what it saw."""

    def __init__(self, clock: Path, looks: int = 2) -> None:
        self.moment = EVENING - timedelta(days=1)
        self.log: list[tuple[str, datetime, datetime]] = []
        self._clock = FileClock(clock)
        self._looks = looks
        self._left: dict[str, int] = {}

    def _awaited(self, stage: str) -> str:
        left = self._left.setdefault(stage, self._looks)
        self._left[stage] = left - 1
        if left:
            return f"{stage} ({left} to go)"
        del self._left[stage]
        self.log.append((stage, self._clock.now(), self.moment))
        return ""

    def unpolled(self, moment: datetime) -> str:
        assert moment == self.moment
        return self._awaited("poll")

    def unwatched(self, moment: datetime) -> str:
        assert moment == self._clock.now()
        return self._awaited("watch")

    def unmailed(self) -> str:
        return self._awaited("mail")

    def unstored(self) -> str:
        return self._awaited("search")


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pause(self, _: str) -> None:
        self.now += 1.0


def stepper(system: System, clock: Path, pause: Callable[[str], None] | None = None) -> Stepper:
    seconds = Seconds()
    return Stepper(clock, system, system, pause=pause or seconds.pause, seconds=seconds, stall_s=10)


def test_each_stage_is_awaited_in_order(tmp_path: Path) -> None:
    system = System(tmp_path / "clock")
    stepper(system, tmp_path / "clock").step(EVENING)
    assert system.log == [
        ("poll", EVENING, EVENING),
        ("watch", EVENING, EVENING),
        ("mail", EVENING, EVENING),
    ]


def test_clock_and_feeds_step_together(tmp_path: Path) -> None:
    system = System(tmp_path / "clock")
    replay = stepper(system, tmp_path / "clock")
    for day in range(3):
        replay.step(EVENING + timedelta(days=day))
    assert [moment for _, _, moment in system.log] == [EVENING + timedelta(days=n // 3) for n in range(9)]


def test_a_stage_that_makes_progress_may_take_its_time(tmp_path: Path) -> None:
    system = System(tmp_path / "clock", looks=100)
    stepper(system, tmp_path / "clock").step(EVENING)
    assert len(system.log) == 3


def test_a_stall_ends_with_what_was_awaited(tmp_path: Path) -> None:
    system = System(tmp_path / "clock")
    system.unwatched = lambda _: "the worker to answer"  # type: ignore[method-assign]
    with pytest.raises(
        StateError, match=r"stood still for 10 s at 2025-01-22T22:30:00Z, waiting for the worker"
    ):
        stepper(system, tmp_path / "clock").step(EVENING)


def test_what_the_pause_raises_ends_the_run(tmp_path: Path) -> None:
    def pause(waiting: str) -> None:
        raise KeyboardInterrupt(waiting)

    with pytest.raises(KeyboardInterrupt):
        stepper(System(tmp_path / "clock"), tmp_path / "clock", pause).step(EVENING)


def test_the_end_waits_for_the_store(tmp_path: Path) -> None:
    system = System(tmp_path / "clock")
    replay = stepper(system, tmp_path / "clock")
    replay.step(EVENING)
    replay.finish([EVENING])
    assert [stage for stage, _, _ in system.log][-1] == "search"
