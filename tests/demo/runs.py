"""Replays of the first weeks on various engines, and what they leave behind, for comparison."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any  # Any: hooks of several kinds

from msgspec.structs import replace

from commands.replaying import Recording, Replay, Verdict, recording
from commands.verify import verify
from demo.screen import Screen
from demo.stage import Stage
from riftwatch.clock import monotonic
from riftwatch.records import Coverage, Evidence, FeedState, Record, SeriesPoint, Story
from riftwatch.settings import Settings
from stores.opening import open_store

UNTIL = datetime(2024, 7, 16, tzinfo=UTC)
PARTITIONS = 12
LIMIT_S = 240
# Rules that see a shift in anything, so that shifts and mails are among what must come out the same.
NERVOUS = """version = "nervous"
threshold = 0.5
min_effect = 0.02
min_publishers = 2
baseline_min_stories = 2
baseline_min_publishers = 2
baseline_min_days = 2
"""


@dataclass
class Run:
    """What a replay left behind."""

    replay: Replay
    settings: Settings
    verdict: Verdict
    records: dict[type[Record], list[Record]]
    closed: bool


def run(data: Path, stage: Stage, recorded: Recording | None = None, **hooks: Any) -> Run:
    replay = Replay(recorded or recording(UNTIL), data, Screen(monotonic), stage, **hooks)
    with replay.installed() as system:
        replay.walk(system)
        verdict = replay.verdict(system.settings)
        closed = verify(system.settings).closed
        return Run(replay, system.settings, verdict, dict(stored(system.settings)), closed)


def stored(config: Settings) -> Iterator[tuple[type[Record], list[Record]]]:
    with closing(open_store(config.store_url, readonly=True, settings=config)) as store:
        for kind in (Story, Evidence, SeriesPoint, Coverage, FeedState):
            records = [timeless(record) for record in store.everything(kind)]
            yield kind, sorted(records, key=repr)


def timeless(record: Record) -> Record:
    """The record without what differs between any two runs."""
    if isinstance(record, Story):
        return replace(record, analysed_ms=0.0)
    if isinstance(record, FeedState):  # the server's port is part of addresses and bodies
        return FeedState(feed_id=record.feed_id, url="", polled_at=record.polled_at, seen=record.seen)
    return record


def assert_same(one: Run, other: Run) -> None:
    """Every record in the store, every shift and every mail of two runs is the same."""
    assert one.closed
    assert other.closed
    assert one.verdict.tally == other.verdict.tally, f"{one.verdict.tally}\n{other.verdict.tally}"
    for kind, records in one.records.items():
        assert records
        assert other.records[kind] == records, kind
    assert one.verdict.shifts == other.verdict.shifts, f"{one.verdict.shifts}\n{other.verdict.shifts}"
    assert one.verdict.shifts


def doubled(replay: Replay, moments: Sequence[datetime]) -> list[tuple[str, datetime]]:
    """The feeds that were polled more than once at a moment; a 304 that is checked against the whole is one poll."""
    asked = replay.feeds.asked
    return [
        (outlet, moment)
        for moment in moments
        for outlet in replay.recording.corpus.outlets
        if max(asked[outlet, moment, True], asked[outlet, moment, False]) != 1
    ]
