"""The shell around watch: decode ─▶ absorb or tick ─▶ send ─▶ remember. It orders I/O and knows no statistics.

Each partition of the readings topic has a Watcher of its own, built from the table after a rebalance. The time
of a partition is the smallest canary time over all partitions of the items topic: when it moves, everything
fetched before it has been read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Executor
from datetime import datetime

import faust

from processors.letters import buried, dead_letter
from processors.rules import Rules
from processors.sending import Outgoing, Sender, outgoing
from processors.table import RowTable
from processors.watch import Contribution, Outcome, Watcher
from processors.watermark import Slowest
from riftwatch import log, metrics
from riftwatch.errors import Reject
from riftwatch.flood import Flood
from riftwatch.kafka import partition as partition_of_key
from riftwatch.records import Reading, Shift, Tick, decode_reading
from riftwatch.topics import EVIDENCE, SERIES, SHIFTS

STAGE = "watch"
logger = log.get(__name__)


class Watermark:
    """The time up to which every partition of the items topic has been analysed."""

    def __init__(self) -> None:
        self._slowest = Slowest()
        self.at: datetime | None = None

    def advance(self, tick: Tick) -> datetime | None:
        """Take in one tick; return the new time if it moved."""
        low = self._slowest.hear([tick.source], tick.at, of=tick.sources)
        if low is None or (self.at is not None and low <= self.at):
            return None
        self.at = low
        return low


class Partition:
    """What the shell holds for one partition of the readings topic.

    After a restart the last second of the topic is delivered again, to rows that know what came after it. A tick of
    then would be judged with news of later, and report a shift too early; it was judged before those rows were
    written. So it only moves time, until there is a reading that the rows do not know.
    """

    def __init__(self, watcher: Watcher, rows_until: datetime | None = None) -> None:
        self.watcher = watcher
        self.watermark = Watermark()
        self._rows_until = rows_until  # the newest fetch among restored rows

    def absorb(self, reading: Reading) -> tuple[str, Contribution] | None:
        """Take a reading in and return its row with its key; None when it is known."""
        row = self.watcher.absorb(reading)
        if row is not None:
            self._rows_until = None
        return row

    def advance(self, tick: Tick) -> datetime | None:
        """Take a tick in; return the time to judge at, None when there is nothing to judge."""
        moved = self.watermark.advance(tick)
        judged_before = moved is not None and self._rows_until is not None and moved < self._rows_until
        return None if judged_before else moved


class WatchShell:
    """Runs batches of readings and ticks through the watchers; one batch at a time."""

    def __init__(
        self,
        rules: Rules,
        contributions: RowTable[Contribution],
        ledger: RowTable[Shift],
        sender: Sender,
        executor: Executor,
        partitions: int,
        assigned: Callable[[], Collection[int]],
    ) -> None:
        self._rules = rules
        self._contributions = contributions
        self._ledger = ledger
        self._sender = sender
        self._executor = executor
        self._count = partitions
        self._assigned = assigned
        self._partitions: dict[int, Partition] = {}
        self._broken: set[int] = set()
        self._flood = Flood("watched")

    async def forget(self) -> None:
        """Drop all watchers: after a rebalance they are built anew from the tables, and have reached nothing yet."""
        self._partitions.clear()
        metrics.HEARTBEAT.remove(STAGE)

    async def handle(self, events: Sequence[faust.Event]) -> None:
        """Work through a batch in order; returns when all of it is acknowledged. Raises TooManyDead and nothing else."""
        loop = asyncio.get_running_loop()
        values: list[Outgoing] = []
        rows: list[tuple[RowTable[Contribution] | RowTable[Shift], Outgoing]] = []
        for event in events:
            step = await loop.run_in_executor(self._executor, self._step, event, rows)
            values += step
        self._flood.count(good=len(events) - buried(values), dead=buried(values))
        # Rows first: after a kill in between, a restored watcher tells everything anew, shifts too, at its next tick.
        await self._sender.send([row for _, row in rows], STAGE)
        for table, row in rows:
            table.keep(row)
        await self._sender.send(values, STAGE)
        self._mend()
        self._beat()

    def _step(
        self, event: faust.Event, rows: list[tuple[RowTable[Contribution] | RowTable[Shift], Outgoing]]
    ) -> list[Outgoing]:
        metrics.RECORDS.labels(STAGE, "in").inc()
        number = event.message.partition
        try:
            record = decode_reading(event.message.value)
            partition = self._partition(number)
            if isinstance(record, Tick):
                moved = partition.advance(record)
                return [] if moved is None else self._tick(partition, moved, number, rows)
            row = partition.absorb(record)
            if row is None:
                metrics.RECORDS.labels(STAGE, "drop").inc()
            else:
                rows.append((self._contributions, self._contributions.write(*row, number)))
            return []
        except Exception as error:
            unexpected = not isinstance(error, Reject)
            if unexpected:
                self._broken.add(number)
            logger.warning("dead letter", status="dead", stage=STAGE, error=str(error), exc_info=unexpected)
            return [dead_letter(event, STAGE, error)]

    def _mend(self) -> None:
        # A step that failed half-way left its watcher in doubt; by now the table holds all rows of the batch.
        for number in self._broken:
            self._partitions.pop(number, None)
        self._broken.clear()

    def _partition(self, number: int) -> Partition:
        partition = self._partitions.get(number)
        if partition is None:
            watcher = Watcher(self._rules)
            rows = [
                (k, r) for k, r in self._contributions.rows() if self._home(k.rpartition("|")[0]) == number
            ]
            shifts = [shift for _, shift in self._ledger.rows() if self._home(shift.subject) == number]
            watcher.restore(rows, shifts)
            rows_until = max((row.fetched_at for _, row in rows), default=None)
            partition = self._partitions[number] = Partition(watcher, rows_until)
        return partition

    def _home(self, subject: str) -> int:
        return partition_of_key(subject.encode(), self._count)

    def _tick(
        self,
        partition: Partition,
        at: datetime,
        number: int,
        rows: list[tuple[RowTable[Contribution] | RowTable[Shift], Outgoing]],
    ) -> list[Outgoing]:
        outcome = partition.watcher.tick(at)
        rows += [(self._ledger, self._ledger.write(s.shift_id, s, number)) for s in outcome.shifts]
        rows += [(self._contributions, self._contributions.write(k, None, number)) for k in outcome.expired]
        return _values(outcome)

    def _beat(self) -> None:
        """Show the time that every partition of this worker has reached."""
        marks = [self._partitions[n].watermark.at for n in self._assigned() if n in self._partitions]
        heard = [at for at in marks if at is not None]
        if heard and len(heard) == len(self._assigned()):
            metrics.HEARTBEAT.labels(STAGE).set(min(heard).timestamp())


def _values(outcome: Outcome) -> list[Outgoing]:
    for shift in outcome.shifts:
        metrics.SHIFTS.labels(shift.state).inc()
    metrics.RECORDS.labels(STAGE, "out").inc(len(outcome.evidence))
    return [
        *(outgoing(EVIDENCE, f"{e.subject}|{e.story_id}", e) for e in outcome.evidence),
        *(outgoing(SERIES, f"{p.subject}|{p.bucket}", p) for p in outcome.points),
        *(outgoing(SHIFTS, s.shift_id, s) for s in outcome.shifts),
    ]
