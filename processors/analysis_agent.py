"""The shell around analyse: decode ─▶ step ─▶ send ─▶ remember. It orders I/O and knows no analysis."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import datetime

import faust

from processors.analyse import Analysed, Analyser, Drop, StoryMemory
from processors.forgetting import Sweep
from processors.letters import buried, dead_letter
from processors.sending import Outgoing, Sender, outgoing
from processors.table import RowTable
from processors.watermark import Slowest
from riftwatch import log, metrics
from riftwatch.errors import Reject
from riftwatch.flood import Flood
from riftwatch.records import FeedItem, Tick, decode
from riftwatch.topics import READINGS, STORIES

STAGE = "analyse"
logger = log.get(__name__)


# What a batch has made of its stories so far, for one may come twice in it; None: forgotten.
Pending = dict[str, StoryMemory | None]


@dataclass(slots=True)
class Outputs:
    """What one event leads to: values to send first, state to write last."""

    event: faust.Event
    values: list[Outgoing] = field(default_factory=list)
    state: list[Outgoing] = field(default_factory=list)


class AnalysisShell:
    """Runs batches of items through the analyser; one batch at a time."""

    def __init__(
        self,
        analyser: Analyser,
        memory: RowTable[StoryMemory],
        sender: Sender,
        executor: Executor,
        partitions: int,
    ) -> None:
        self._analyser = analyser
        self._memory = memory
        self._sender = sender
        self._executor = executor
        self._partitions = partitions
        self._sweep = Sweep(memory, partitions)
        self._pollers: defaultdict[int, Slowest] = defaultdict(Slowest)  # what they told each items partition
        self._flood = Flood("analysed")

    async def handle(self, events: Sequence[faust.Event]) -> None:
        """Analyse and send a batch; returns when all of it is acknowledged. Raises TooManyDead and nothing else."""
        loop = asyncio.get_running_loop()
        outputs = await loop.run_in_executor(self._executor, self._steps, events)
        dead = sum(buried(output.values) for output in outputs)
        self._flood.count(good=len(outputs) - dead, dead=dead)
        try:
            await self._send(outputs)
        except Reject:
            for output in outputs:  # find the one that is too large; the rest goes on
                await self._send_or_bury(output)

    def _steps(self, events: Sequence[faust.Event]) -> list[Outputs]:
        pending: Pending = {}
        return [self._step(event, pending) for event in events]

    def _step(self, event: faust.Event, pending: Pending) -> Outputs:
        metrics.RECORDS.labels(STAGE, "in").inc()
        output = Outputs(event)
        try:
            item = decode(event.message.value, FeedItem)
            if item.canary:
                output.values += self._ticks(item, event.message.partition)
                output.state += self._forget(item, event.message.partition, pending)
            else:
                self._analyse(item, pending, output)
        except Exception as error:
            output.values = [dead_letter(event, STAGE, error)]
            output.state = []
            unexpected = not isinstance(error, Reject)
            logger.warning("dead letter", status="dead", stage=STAGE, error=str(error), exc_info=unexpected)
        return output

    def _analyse(self, item: FeedItem, pending: Pending, output: Outputs) -> None:
        story = item.story_id
        known = pending[story] if story in pending else self._memory.get(story)
        result = self._analyser.analyse(item, known)
        if isinstance(result, Drop):
            metrics.RECORDS.labels(STAGE, "drop").inc()
            return
        _count(result)
        pending[story] = result.memory
        output.values += _values(result)
        output.state.append(self._memory.write(story, result.memory, output.event.message.partition))

    def _ticks(self, canary: FeedItem, source: int) -> list[Outgoing]:
        """Return the ticks of one canary: the time that the feeds of every poller have passed, once it is known."""
        at = self._passed(canary, source)
        if at is None:
            return []
        metrics.HEARTBEAT.labels(STAGE).set(at.timestamp())
        tick = Tick(at=at, source=source, sources=self._partitions)
        return [outgoing(READINGS, f"tick-{source}", tick, to) for to in range(self._partitions)]

    def _passed(self, canary: FeedItem, source: int) -> datetime | None:
        if not canary.feed_partitions:
            return canary.fetched_at
        pollers = self._pollers[source]
        return pollers.hear(canary.speaks_for, canary.fetched_at, of=canary.feed_partitions)

    def _forget(self, canary: FeedItem, partition: int, pending: Pending) -> list[Outgoing]:
        old = [story for story in self._sweep.take(partition, canary.fetched_at) if story not in pending]
        if old:
            logger.info("old stories forgotten", status="ok", partition=partition, stories=len(old))
        pending.update(dict.fromkeys(old))
        return [self._memory.write(story, None, partition) for story in old]

    async def _send(self, outputs: Sequence[Outputs]) -> None:
        await self._sender.send([value for output in outputs for value in output.values], STAGE)
        state = [row for output in outputs for row in output.state]
        await self._sender.send(state, STAGE)
        for row in state:
            self._memory.keep(row)

    async def _send_or_bury(self, output: Outputs) -> None:
        try:
            await self._send([output])
        except Reject as error:
            self._flood.count(good=0, dead=1)
            await self._sender.send([dead_letter(output.event, STAGE, error)], STAGE)


def _count(result: Analysed) -> None:
    metrics.RECORDS.labels(STAGE, "out").inc()
    metrics.STAGE_SECONDS.labels(STAGE).observe(result.story.analysed_ms / 1000)
    for mention in result.story.mentions:
        metrics.MENTIONS.labels(mention.entity).inc()


def _values(result: Analysed) -> list[Outgoing]:
    story = outgoing(STORIES, result.story.story_id, result.story)
    return [story, *(outgoing(READINGS, reading.subject, reading) for reading in result.readings)]
