"""The parser's own process: one body in, one answer out, over pipes, under limits of time and memory.

Bodies are hostile: deep nesting, entity tricks and broken markup can take a parser minutes or gigabytes.
Here that ends one process, not the poller. Frames are a length of four bytes and a msgspec document.
"""

from __future__ import annotations

import resource
import sys
from typing import BinaryIO

import msgspec

from ingest import article
from ingest.document import ParseAnswer, ParseRequest, Problem
from ingest.outcome import Outcome
from ingest.parse import parse

CPU_S = 8  # for one body; the slowest real feed takes about one second
MEMORY_BYTES = 1 << 30  # several times the largest body allowed


def main() -> None:
    """Answer requests until standard input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    _write(sys.stdout.buffer, b"")  # ready: imports are done and cost no feed its time
    while (frame := _read(sys.stdin.buffer)) is not None:
        _limit_cpu()
        answer = _answer(msgspec.msgpack.decode(frame, type=ParseRequest))
        _write(sys.stdout.buffer, msgspec.msgpack.encode(answer))


def _answer(request: ParseRequest) -> ParseAnswer:
    try:
        return article.text_of(request) if request.is_page else parse(request)
    except MemoryError:
        raise  # the process is spent; the pool reports it
    except Exception as error:
        detail = f"the parser failed on it ({type(error).__name__})"
        return ParseAnswer(problem=Problem(outcome=Outcome.NOT_A_FEED, detail=detail))


def _limit_cpu() -> None:
    """Let the kernel end this process CPU_S seconds of work from now, even if the poller is gone."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    until = int(usage.ru_utime + usage.ru_stime) + CPU_S
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _read(stream: BinaryIO) -> bytes | None:
    head = stream.read(4)
    return stream.read(int.from_bytes(head, "big")) if len(head) == 4 else None


def _write(stream: BinaryIO, data: bytes) -> None:
    stream.write(len(data).to_bytes(4, "big") + data)
    stream.flush()


if __name__ == "__main__":
    main()
