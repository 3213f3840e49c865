"""A few warm parser processes (worker.py): hands them bodies, ends the one that runs too long."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

import msgspec

from ingest.document import ParseAnswer, ParseRequest, Problem
from ingest.outcome import Outcome

START_S = 60.0  # a parser imports in 0.2 s; a machine that swaps needs longer
WALL_S = 10.0  # longer than worker.CPU_S: a busy machine is not the feed's fault
_ROOT = str(Path(__file__).resolve().parent.parent)
_LOST = (ConnectionError, asyncio.IncompleteReadError, TimeoutError)


class Parsers:
    """A pool of parser processes; a killed one is replaced by a fresh one.

    `parse` never raises for a hostile body: a parser that was ended is the outcome PARSE_TIMEOUT.
    """

    def __init__(self, size: int, wall_s: float = WALL_S) -> None:
        self._idle: list[Process | None] = []
        self._free = asyncio.Semaphore(0)  # fair: the feed that waits longest is next
        self._size = size
        self._wall_s = wall_s

    async def start(self) -> None:
        """Start all processes and wait until each has answered once."""
        for _ in range(self._size):
            self._give_back(None)
        warm_up = ParseRequest(body=b"<rss version='2.0'><channel/></rss>", url="")
        await asyncio.gather(*(self.parse(warm_up) for _ in range(self._size)))

    async def parse(self, request: ParseRequest) -> ParseAnswer:
        """Return the answer of a free parser, waiting for one."""
        process = await self._take()
        kept: Process | None = None
        try:
            if process is None or process.returncode is not None:
                process = await _spawn()
            async with asyncio.timeout(self._wall_s):
                answer = await _ask(process, request)
            kept = process
            return answer
        except _LOST:
            detail = "the parser ran out of time or memory on this document and was ended"
            return ParseAnswer(problem=Problem(outcome=Outcome.PARSE_TIMEOUT, detail=detail))
        finally:
            if process is not None and kept is None:
                await _end(process)
            self._give_back(kept)

    async def stop(self) -> None:
        """End all processes."""
        for _ in range(self._size):
            process = await self._take()
            if process is not None:
                await _end(process)

    async def _take(self) -> Process | None:
        await self._free.acquire()
        return self._idle.pop()

    def _give_back(self, process: Process | None) -> None:
        self._idle.append(process)
        self._free.release()


async def _spawn() -> Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ingest.worker", stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": _ROOT}, limit=1 << 20, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(START_S):
        await process.stdout.readexactly(4)
    return process


async def _ask(process: Process, request: ParseRequest) -> ParseAnswer:
    assert process.stdin is not None
    assert process.stdout is not None
    frame = msgspec.msgpack.encode(request)
    process.stdin.write(len(frame).to_bytes(4, "big") + frame)
    await process.stdin.drain()
    length = int.from_bytes(await process.stdout.readexactly(4), "big")
    return msgspec.msgpack.decode(await process.stdout.readexactly(length), type=ParseAnswer)


async def _end(process: Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()
