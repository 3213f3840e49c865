"""Two pollers, three workers and two sinks on twelve partitions, each kind killed for good: nothing changes."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from msgspec.structs import replace

from commands.replaying import Replay, Verdict, recording
from commands.supervisor import Supervisor
from commands.verify import verify
from demo.screen import Screen
from demo.stage import Stage
from riftwatch.clock import monotonic
from riftwatch.records import Coverage, Evidence, FeedState, Record, SeriesPoint, Story
from riftwatch.settings import Settings
from stores.opening import open_store
from tests.demo.test_kills import NERVOUS

UNTIL = datetime(2024, 7, 16, tzinfo=UTC)
PARTITIONS = 12
# In the middle of these steps a process dies and stays dead; its partners take over.
DEATHS = {"2024-06-12": "poll", "2024-06-21": "search-2", "2024-07-03": "process-2", "2024-07-12": "process"}
DAY_OF = {name: day for day, name in DEATHS.items()}
AFTER_S = 0.25  # from the step of the clock to the death: polls and analysis are under way
LIMIT_S = 240


@dataclass
class Deaths:
    """Kills one process after the other, for good."""

    left: dict[str, str] = field(default_factory=lambda: dict(DEATHS))
    killed: list[str] = field(default_factory=list)
    steps: list[tuple[str, float]] = field(default_factory=list)

    def took(self) -> dict[str, float]:
        """How long the steps took in which somebody died: until a partner had taken over."""
        ends = [at for _, at in self.steps[1:]]
        return {
            day: round(end - at, 1) for (day, at), end in zip(self.steps, ends, strict=False) if day in DEATHS
        }

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


@dataclass
class Run:
    """What a replay left behind."""

    replay: Replay
    verdict: Verdict
    records: dict[type[Record], list[Record]]
    closed: bool


def run(data: Path, stage: Stage, deaths: Deaths | None = None) -> Run:
    replay = Replay(
        recording(UNTIL), data, Screen(monotonic), stage, *([deaths] if deaths is not None else [])
    )
    with replay.installed() as system:
        replay.walk(system)
        verdict = replay.verdict(system.settings)
        return Run(replay, verdict, dict(stored(system.settings)), verify(system.settings).closed)


def stored(config: Settings) -> Iterator[tuple[type[Record], list[Record]]]:
    store = open_store(config.store_url, readonly=True)
    try:
        for kind in (Story, Evidence, SeriesPoint, Coverage, FeedState):
            yield kind, [timeless(record) for record in store.everything(kind)]
    finally:
        store.close()


def timeless(record: Record) -> Record:
    """The record without what differs between any two runs."""
    if isinstance(record, Story):
        return replace(record, analysed_ms=0.0)
    if isinstance(record, FeedState):  # the server's port is part of addresses and bodies
        return FeedState(feed_id=record.feed_id, url="", polled_at=record.polled_at, seen=record.seen)
    return record


@pytest.fixture
def nervous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "rules.toml").write_text(NERVOUS)
    (folder / "watchlist.toml").write_bytes((Settings().config_dir / "watchlist.toml").read_bytes())
    monkeypatch.setenv("RIFTWATCH_CONFIG_DIR", str(folder))
    monkeypatch.setenv("RIFTWATCH_DESK_PORT", "0")


def doubled(replay: Replay, moments: Sequence[datetime]) -> list[tuple[str, datetime]]:
    """The feeds that were polled more than once at a moment; a 304 that is checked against the whole is one poll."""
    asked = replay.feeds.asked
    return [
        (outlet, moment)
        for moment in moments
        for outlet in replay.recording.corpus.outlets
        if max(asked[outlet, moment, True], asked[outlet, moment, False]) != 1
    ]


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_S * 2)
@pytest.mark.usefixtures("nervous")
def test_who_shares_the_work_and_dies_changes_nothing(tmp_path: Path) -> None:
    alone = run(tmp_path / "alone", Stage(partitions=PARTITIONS))
    deaths = Deaths()
    stage = Stage(partitions=PARTITIONS, pollers=2, workers=3, sinks=2)
    together = run(tmp_path / "together", stage, deaths)
    assert sorted(deaths.killed) == ["poll", "process", "process-2", "search-2"]
    assert alone.closed
    assert together.closed
    assert together.verdict.tally == alone.verdict.tally
    for kind, records in alone.records.items():
        assert together.records[kind] == records
        assert records
    assert together.verdict.shifts == alone.verdict.shifts
    moments = alone.replay.recording.moments
    assert doubled(alone.replay, moments) == []
    twice = doubled(together.replay, moments)
    # Only polls cut short by the death of the poller, repeated by the one that took over.
    assert {f"{moment:%Y-%m-%d}" for _, moment in twice} <= {DAY_OF["poll"]}
    print(f"longest steps, in seconds: {deaths.took()}; polled twice: {len(twice)}")
