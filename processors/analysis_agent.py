"""The shell around analyse: decode ─▶ step ─▶ send ─▶ remember. It orders I/O and knows no analysis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

import faust

from processors.analyse import Analysed, Analyser, Drop, StoryMemory
from processors.letters import dead_letter
from processors.sending import Outgoing, Sender, outgoing
from processors.table import RowTable
from riftwatch import log, metrics
from riftwatch.errors import Reject
from riftwatch.records import FeedItem, Tick, decode
from riftwatch.topics import READINGS, STORIES

STAGE = "analyse"
logger = log.get(__name__)


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

    async def handle(self, events: Sequence[faust.Event]) -> None:
        """Analyse and send a batch; returns when all of it is acknowledged. Lets no exception out."""
        loop = asyncio.get_running_loop()
        outputs = await loop.run_in_executor(self._executor, self._steps, events)
        try:
            await self._send(outputs)
        except Reject:
            for output in outputs:  # find the one that is too large; the rest goes on
                await self._send_or_bury(output)

    def _steps(self, events: Sequence[faust.Event]) -> list[Outputs]:
        pending: dict[str, StoryMemory] = {}  # a story may come twice in one batch
        return [self._step(event, pending) for event in events]

    def _step(self, event: faust.Event, pending: dict[str, StoryMemory]) -> Outputs:
        metrics.RECORDS.labels(STAGE, "in").inc()
        output = Outputs(event)
        try:
            item = decode(event.message.value, FeedItem)
            if item.canary:
                output.values += self._ticks(item, event.message.partition)
            else:
                self._analyse(item, pending, output)
        except Exception as error:
            output.values = [dead_letter(event, STAGE, error)]
            output.state = []
            unexpected = not isinstance(error, Reject)
            logger.warning("dead letter", status="dead", stage=STAGE, error=str(error), exc_info=unexpected)
        return output

    def _analyse(self, item: FeedItem, pending: dict[str, StoryMemory], output: Outputs) -> None:
        known = pending.get(item.story_id) or self._memory.get(item.story_id)
        result = self._analyser.analyse(item, known)
        if isinstance(result, Drop):
            metrics.RECORDS.labels(STAGE, "drop").inc()
            return
        _count(result)
        pending[item.story_id] = result.memory
        output.values += _values(result)
        output.state.append(self._memory.write(item.story_id, result.memory, output.event.message.partition))

    def _ticks(self, canary: FeedItem, source: int) -> list[Outgoing]:
        metrics.HEARTBEAT.labels(STAGE).set(canary.fetched_at.timestamp())
        tick = Tick(at=canary.fetched_at, source=source, sources=self._partitions)
        return [outgoing(READINGS, f"tick-{source}", tick, to) for to in range(self._partitions)]

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
            await self._sender.send([dead_letter(output.event, STAGE, error)], STAGE)


def _count(result: Analysed) -> None:
    metrics.RECORDS.labels(STAGE, "out").inc()
    metrics.STAGE_SECONDS.labels(STAGE).observe(result.story.analysed_ms / 1000)
    for mention in result.story.mentions:
        metrics.MENTIONS.labels(mention.entity).inc()


def _values(result: Analysed) -> list[Outgoing]:
    story = outgoing(STORIES, result.story.story_id, result.story)
    return [story, *(outgoing(READINGS, reading.subject, reading) for reading in result.readings)]
