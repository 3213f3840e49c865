"""`riftwatch demo`: the real system on recorded feeds, eighteen months in two minutes."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import click
import msgspec

from commands import folder
from commands.broker import engine
from commands.ports import is_free
from commands.supervisor import LOG, Supervisor
from demo import configuration, corpus, expectations, wording
from demo.corpus import Corpus
from demo.expectations import Expected
from demo.judging import Report, judge_run
from demo.screen import Screen
from demo.server import FeedServer
from demo.signals import KafkaSignals
from demo.stepper import Stepper
from demo.steps import steps
from demo.tally import Tally, count
from riftwatch import settings
from riftwatch.clock import monotonic, step_clock
from riftwatch.errors import UserError
from riftwatch.records import Shift
from riftwatch.settings import Settings
from stores.opening import open_store
from stores.outbox import read_mails

PAUSE_S = 0.02
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command("demo")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Replay only up to this day.")
@click.option(
    "--data", type=click.Path(path_type=Path), default=Path("data/demo"), help="Folder, emptied first."
)
@click.option("--exit", "leave", envvar="DEMO_EXIT", is_flag=True, help="End with the verdict as exit code.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON on standard output.")
def command(until: datetime | None, data: Path, leave: bool, as_json: bool) -> int:
    """Replay recorded feeds of invented outlets through the whole system, on a stepped clock.

    Broker, poller, worker, sinks and desk are the real ones. At the end the page stays up until Ctrl-C.
    With --exit (or DEMO_EXIT=1) the exit code is 0 only if all that is expected was found.

    Example: riftwatch demo --until 2025-01-31
    """
    for number in ENDINGS:
        signal.signal(number, signal.default_int_handler)
    return Demo(_recording(until), data.absolute(), Screen(monotonic)).run(leave=leave, as_json=as_json)


@dataclass(frozen=True, slots=True)
class Recording:
    """What is replayed, when it stops, and what must come of it."""

    corpus: Corpus
    moments: list[datetime]
    expected: Expected


def _recording(until: datetime | None) -> Recording:
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


class Demo:
    """One replay in one data folder."""

    def __init__(self, recording: Recording, data: Path, screen: Screen) -> None:
        self._recording = recording
        self._data = data
        self._screen = screen
        self._feeds = FeedServer(recording.corpus, recording.moments[0])

    def run(self, *, leave: bool, as_json: bool) -> int:
        """Run the replay and report; returns the exit code."""
        address = self._feeds.start()
        try:
            prepared = self._prepare(address)
            engine(self._screen.say)
            self._screen.say(f"Starting Kafka, poller, worker, sinks and desk (log: {self._data / LOG})")
            with Supervisor(prepared) as system:
                try:
                    return self._replay(system, leave=leave, as_json=as_json)
                finally:
                    for number in ENDINGS:  # stopping takes some seconds and needs no encouragement
                        signal.signal(number, signal.SIG_IGN)
        finally:
            self._feeds.stop()

    def _prepare(self, address: str) -> Settings:
        """Empty the data folder and write the configuration; return the settings of the system."""
        given = settings.load()
        adapted = configuration.adapted(given, self._data, self._data / "config", address)
        with folder.claimed(self._data, wipe=True):
            outlets = list(self._recording.corpus.outlets.values())
            configuration.write_config(
                adapted.config_dir,
                given.config_dir,
                outlets,
                self._recording.corpus.agencies,
                self._feeds.url,
            )
            step_clock(self._data / configuration.CLOCK_FILE, self._recording.moments[0])
        port = adapted.desk_port if is_free(adapted.desk_port, adapted.desk_host) else 0  # `up` may have it
        return replace(adapted, desk_port=port)

    def _replay(self, system: Supervisor, *, leave: bool, as_json: bool) -> int:
        began = monotonic()
        self._screen.say(f"The desk is at {system.desk_url}")
        self._walk(system)
        tally, shifts, report = self._judge(system.settings)
        seconds = monotonic() - began
        if as_json:
            click.echo(_as_json(tally, shifts, report, seconds))
        else:
            first, last = self._recording.moments[0], self._recording.moments[-1]
            for line in wording.report(tally, report, system.desk_url, first, last, seconds):
                click.echo(line)
        if leave:
            return 0 if report.passed else 1
        self._screen.say(f"\nThe desk stays at {system.desk_url} until Ctrl-C.")
        with contextlib.suppress(KeyboardInterrupt):
            system.run(threading.Event())
        return 0

    def _walk(self, system: Supervisor) -> None:
        """Replay every moment; says what happens as it happens."""
        moments = self._recording.moments
        store = open_store(system.settings.store_url, readonly=True)
        signals = KafkaSignals(
            system.settings, list(self._recording.corpus.outlets), lambda role: system.jobs[role].metrics_port,
            lambda shift: self._screen.say(wording.news(shift)),
        )  # fmt: skip

        def pause(_: str) -> None:
            system.turn()
            time.sleep(PAUSE_S)

        stepper = Stepper(
            system.settings.data / configuration.CLOCK_FILE,
            self._feeds,
            signals,
            pause=pause,
            seconds=monotonic,
        )
        try:
            for number, moment in enumerate(moments, 1):
                stepper.step(moment)
                stored = store.counts
                self._screen.progress(
                    lambda: wording.progress(moment, number, len(moments), stored()["story"])  # noqa: B023
                )
            stepper.finish(moments)
        finally:
            signals.close()
            store.close()

    def _judge(self, config: Settings) -> tuple[Tally, list[Shift], Report]:
        store = open_store(config.store_url, readonly=True)
        try:
            shifts = sorted(store.everything(Shift), key=lambda shift: (shift.detected_at, shift.shift_id))
            mails = read_mails(config.data)
            tally = count(config, store, len(mails))
            return tally, shifts, judge_run(self._recording.expected, shifts, mails)
        finally:
            store.close()


def _as_json(tally: Tally, shifts: list[Shift], report: Report, seconds: float) -> str:
    found = {
        "passed": report.passed,
        "problems": report.problems,
        "tally": tally,
        "shifts": shifts,
        "seconds": round(seconds, 1),
    }
    return msgspec.json.encode(found).decode()
