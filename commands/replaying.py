"""A replay of recorded feeds through a whole installation: prepare, walk moment by moment, judge what came out.

    feed server ─▶ [poller ─▶ Kafka ─▶ Faust ─▶ sinks] ─▶ judging against expected.toml

`riftwatch demo` shows it to people; the tests of scale-out and migration disturb it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from commands import folder
from commands.engine import engine
from commands.ports import is_free
from commands.roles import all_roles, is_copy
from commands.supervisor import LOG, Supervisor
from demo import configuration, corpus, expectations, wording
from demo.configuration import EMBEDDED
from demo.corpus import Corpus
from demo.expectations import Expected
from demo.judging import Report, judge_run
from demo.screen import Screen
from demo.server import FeedServer
from demo.signals import KafkaSignals
from demo.stage import Stage
from demo.stepper import Stepper
from demo.steps import steps
from demo.tally import Tally, count
from riftwatch import kafka, settings
from riftwatch.clock import monotonic, step_clock
from riftwatch.errors import StateError, UserError
from riftwatch.records import Shift
from riftwatch.settings import Settings
from riftwatch.topics import ALL
from stores.opening import is_elastic, open_store
from stores.outbox import read_mails

PAUSE_S = 0.02

Disturbance = Callable[[datetime, Supervisor], None]


@dataclass(frozen=True, slots=True)
class Recording:
    """What is replayed, when it stops, and what must come of it."""

    corpus: Corpus
    moments: list[datetime]
    expected: Expected


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of a replay."""

    tally: Tally
    shifts: list[Shift]
    report: Report


def recording(until: datetime | None = None) -> Recording:
    """Return what is recorded, up to a day if one is given; raises UserError when that is nothing."""
    recorded, expected = corpus.load(), expectations.load()
    moments = steps(recorded)
    if until is None:
        return Recording(recorded, moments, expected)
    kept = [moment for moment in moments if moment.date() <= until.date()]
    if not kept:
        raise UserError(
            f"nothing is recorded up to {until:%Y-%m-%d}: the first day is {moments[0]:%Y-%m-%d}."
        )
    return Recording(recorded, kept, expected.until(until.date()))


class Replay:
    """One replay in one data folder.

    `before_start` is called with the settings before anything runs, `before_step` before the clock moves.
    """

    def __init__(
        self, recorded: Recording, data: Path, screen: Screen, stage: Stage = EMBEDDED,
        before_step: Disturbance = lambda _moment, _system: None,
        before_start: Callable[[Settings], None] = lambda _settings: None,
    ) -> None:  # fmt: skip
        self.recording = recorded
        self._data = data
        self._screen = screen
        self._stage = stage
        self._before_step = before_step
        self._before_start = before_start
        self.feeds = FeedServer(recorded.corpus, recorded.moments[0])

    @contextmanager
    def installed(self) -> Iterator[Supervisor]:
        """Serve the feeds and run the installation inside the block; the data folder is emptied first."""
        address = self.feeds.start()
        try:
            prepared = self._prepare(address)
            if self._stage.kafka:
                refuse_used(prepared)
            else:
                engine(self._screen.say)
            if is_elastic(prepared.store_url):
                from commands.demo_indices import wipe_indices  # SQLite needs no client of Elasticsearch

                wipe_indices(prepared)
            self._before_start(prepared)
            self._screen.say(f"Starting Kafka, poller, worker, sinks and desk (log: {self._data / LOG})")
            with Supervisor(prepared, all_roles(self._stage.copies)) as system:
                yield system
        finally:
            self.feeds.stop()

    def walk(self, system: Supervisor) -> None:
        """Replay every moment; says what happens as it happens."""
        moments = self.recording.moments
        store = open_store(system.settings.store_url, readonly=True, settings=system.settings)
        signals = KafkaSignals(
            system.settings, list(self.recording.corpus.outlets),
            lambda role: [job.metrics_port for job in system.jobs.values() if is_copy(job.name, role)],
            lambda shift: self._screen.say(wording.news(shift)),
            shared=self._stage.workers > 1,
        )  # fmt: skip

        def pause(_: str) -> None:
            system.turn()
            time.sleep(PAUSE_S)

        stepper = Stepper(
            system.settings.data / configuration.CLOCK_FILE,
            self.feeds,
            signals,
            pause=pause,
            seconds=monotonic,
        )
        try:
            for number, moment in enumerate(moments, 1):
                self._before_step(moment, system)
                stepper.step(moment)
                stored = store.counts
                self._screen.progress(
                    lambda: wording.progress(moment, number, len(moments), stored()["story"])  # noqa: B023
                )
            stepper.finish(moments)
        finally:
            signals.close()
            store.close()

    def verdict(self, config: Settings) -> Verdict:
        """Return what the store and the outbox hold, against what was expected."""
        if is_elastic(config.store_url):
            from commands.demo_indices import refresh_indices

            refresh_indices(config)
        store = open_store(config.store_url, readonly=True, settings=config)
        try:
            shifts = sorted(store.everything(Shift), key=lambda shift: (shift.detected_at, shift.shift_id))
            mails = read_mails(config.data)
            tally = count(config, store, len(mails))
            return Verdict(tally, shifts, judge_run(self.recording.expected, shifts, mails))
        finally:
            store.close()

    def _prepare(self, address: str) -> Settings:
        """Empty the data folder and write the configuration; return the settings of the system."""
        given = settings.load()
        adapted = configuration.adapted(given, self._data, self._data / "config", address, self._stage)
        with folder.claimed(self._data, wipe=True):
            outlets = list(self.recording.corpus.outlets.values())
            configuration.write_config(
                adapted.config_dir,
                given.config_dir,
                outlets,
                self.recording.corpus.agencies,
                self.feeds.url,
            )
            step_clock(self._data / configuration.CLOCK_FILE, self.recording.moments[0])
        port = adapted.desk_port if is_free(adapted.desk_port, adapted.desk_host) else 0  # `up` may have it
        return replace(adapted, desk_port=port)


def refuse_used(config: Settings) -> None:
    """Raise StateError when the cluster holds records: invented news must not mix with real ones."""
    with closing(kafka.admin(config)) as client:
        there = set(client.list_topics()) & {topic.name for topic in ALL}
    if any(not extent.empty for extent in kafka.extents(config, sorted(there)).values()):
        raise StateError(
            f"Kafka at {config.kafka} holds Riftwatch's records: a replay wants an empty cluster."
        )
