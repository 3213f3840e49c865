"""`riftwatch demo`: the real system on recorded feeds, eighteen months in two minutes."""

from __future__ import annotations

import contextlib
import signal
import threading
from datetime import datetime
from pathlib import Path
from typing import Any  # Any: click hands over options of several types

import click
import msgspec

from commands.replaying import Replay, Verdict, recording
from commands.supervisor import Supervisor
from demo import wording
from demo.configuration import EMBEDDED
from demo.screen import Screen
from demo.stage import Stage
from riftwatch.clock import monotonic

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command("demo")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Replay only up to this day.")
@click.option(
    "--data", type=click.Path(path_type=Path), default=Path("data/demo"), help="Folder, emptied first."
)
@click.option("--kafka", default="", help="host:port of an empty cluster; default: an embedded broker.")
@click.option("--store", default="", help="http(s)://host:9200; default: SQLite in the folder.")
@click.option("--partitions", default=EMBEDDED.partitions, help="Of the topics.", show_default=True)
@click.option("--replication", default=EMBEDDED.replication, help="Of the topics.", show_default=True)
@click.option("--pollers", default=1, help="How many share the feeds.", show_default=True)
@click.option("--workers", default=1, help="How many share the items.", show_default=True)
@click.option("--sinks", default=1, help="How many write into the store.", show_default=True)
@click.option("--exit", "leave", envvar="DEMO_EXIT", is_flag=True, help="End with the verdict as exit code.")
@click.option("--json", "as_json", is_flag=True, help="Print the verdict as JSON on standard output.")
def command(until: datetime | None, data: Path, leave: bool, as_json: bool, **stage: Any) -> int:
    """Replay recorded feeds of invented outlets through the whole system, on a stepped clock.

    Broker, poller, worker, sinks and desk are the real ones. At the end the page stays up until Ctrl-C.
    With --exit (or DEMO_EXIT=1) the exit code is 0 only if all that is expected was found.

    Example: riftwatch demo --until 2025-01-31 --workers 3
    """
    for number in ENDINGS:
        signal.signal(number, signal.default_int_handler)
    screen = Screen(monotonic)
    replay = Replay(recording(until), data.absolute(), screen, Stage(**stage))
    with replay.installed() as system:
        try:
            return _show(replay, system, screen, leave=leave, as_json=as_json)
        finally:
            for number in ENDINGS:  # stopping takes some seconds and needs no encouragement
                signal.signal(number, signal.SIG_IGN)


def _show(replay: Replay, system: Supervisor, screen: Screen, *, leave: bool, as_json: bool) -> int:
    """Replay and report; returns the exit code."""
    began = monotonic()
    screen.say(f"The desk is at {system.desk_url}")
    replay.walk(system)
    verdict = replay.verdict(system.settings)
    seconds = monotonic() - began
    if as_json:
        click.echo(_as_json(verdict, seconds))
    else:
        first, last = replay.recording.moments[0], replay.recording.moments[-1]
        for line in wording.report(verdict.tally, verdict.report, system.desk_url, first, last, seconds):
            click.echo(line)
    if leave:
        return 0 if verdict.report.passed else 1
    screen.say(f"\nThe desk stays at {system.desk_url} until Ctrl-C.")
    with contextlib.suppress(KeyboardInterrupt):
        system.run(threading.Event())
    return 0


def _as_json(verdict: Verdict, seconds: float) -> str:
    found = {
        "passed": verdict.report.passed,
        "problems": verdict.report.problems,
        "tally": verdict.tally,
        "shifts": verdict.shifts,
        "seconds": round(seconds, 1),
    }
    return msgspec.json.encode(found).decode()
