"""The parser's own processes: hostile bodies end a process, never the poller."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from ingest.document import ParseAnswer, ParseRequest
from ingest.outcome import Outcome
from ingest.parsers import Parsers
from tests.ingest.servers import rss

NESTED = b"<rss version='2.0'><channel>" + b"<a>" * 200_000


@pytest.fixture
async def parsers() -> AsyncIterator[Parsers]:
    made = Parsers(1, wall_s=0.5)
    await made.start()
    yield made
    await made.stop()


def titles(answer: ParseAnswer) -> list[str]:
    assert answer.document is not None, answer
    return [entry.title for entry in answer.document.entries]


async def test_nested_tags_end_one_parser_and_the_next_feed_is_unaffected(parsers: Parsers) -> None:
    hostile, good = await asyncio.gather(
        parsers.parse(ParseRequest(body=NESTED, url="")), parsers.parse(ParseRequest(body=rss("One"), url=""))
    )
    assert hostile.problem is not None
    assert hostile.problem.outcome == Outcome.PARSE_TIMEOUT
    assert titles(good) == ["One"]


async def test_a_parser_that_died_between_two_feeds_is_replaced(parsers: Parsers) -> None:
    process = await parsers._take()
    assert process is not None
    process.kill()
    await process.wait()
    parsers._give_back(process)
    assert titles(await parsers.parse(ParseRequest(body=rss("One"), url=""))) == ["One"]
