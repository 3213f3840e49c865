"""The shell around analyse, with a judge of plain words and a sender that acknowledges into a list."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from processors.analyse import Analyser, StoryMemory
from processors.analysis_agent import AnalysisShell
from riftwatch import topics
from riftwatch.records import DeadLetter, FeedItem, Reading, Story, Tick, decode, decode_reading, encode
from riftwatch.watchlist import Watchlist
from tests.fakes import FakeEvent, FakeJudge, FakeSender, FakeTable

AT = datetime(2025, 1, 22, 14, tzinfo=UTC)
WATCHLIST = Watchlist.load(Path(__file__).parents[2] / "config" / "watchlist.toml")
PARTITIONS = 3


def item(story: str = "s1", title: str = "Musk lobt Trump", hours: int = 0) -> FeedItem:
    return FeedItem(
        story_id=story, content_hash=title, feed_id="f", publisher="p", title=title, language="de", published=AT,
        fetched_at=AT + timedelta(hours=hours),
    )  # fmt: skip


class Bench:
    """One shell over fakes."""

    def __init__(self, limit: int = 2_000_000) -> None:
        self.sender = FakeSender(limit)
        self.memory: FakeTable[StoryMemory] = FakeTable(topics.STORY_MEMORY, StoryMemory)
        analyser = Analyser(WATCHLIST, FakeJudge())
        self.shell = AnalysisShell(analyser, self.memory, self.sender, ThreadPoolExecutor(1), PARTITIONS)

    async def feed(self, *values: bytes) -> None:
        await self.shell.handle([FakeEvent(value, partition=1) for value in values])

    def sent(self, topic: topics.Topic) -> list[bytes]:
        return [out.value for out in self.sender.sent if out.topic is topic and out.value is not None]

    def stories(self) -> list[Story]:
        return [decode(value, Story) for value in self.sent(topics.STORIES)]


async def test_a_story_its_readings_and_then_its_memory() -> None:
    bench = Bench()
    await bench.feed(encode(item()))
    order = [out.topic for out in bench.sender.sent]
    assert order[0] is topics.STORIES
    assert order[-1] is topics.STORY_MEMORY
    subjects = {r.subject for v in bench.sent(topics.READINGS) if isinstance(r := decode_reading(v), Reading)}
    assert "relation:musk|trump" in subjects


async def test_two_revisions_in_one_batch_are_counted_up() -> None:
    bench = Bench()
    await bench.feed(encode(item()), encode(item(title="Musk attackiert Trump", hours=1)))
    assert [story.revision for story in bench.stories()] == [1, 2]
    assert bench.stories()[1].first_published == AT


async def test_a_redelivery_after_the_memory_was_written_sends_nothing() -> None:
    bench = Bench()
    await bench.feed(encode(item()))
    bench.sender.sent.clear()
    await bench.feed(encode(item()))
    assert bench.sender.sent == []


async def test_a_redelivery_before_the_memory_was_written_repeats_it_to_the_byte() -> None:
    first, second = Bench(), Bench()
    await first.feed(encode(item()))
    await second.feed(encode(item()))

    def told(bench: Bench) -> list[Story]:
        return [msgspec.structs.replace(story, analysed_ms=0.0) for story in bench.stories()]

    assert told(first) == told(second)
    assert first.sent(topics.READINGS) == second.sent(topics.READINGS)


async def test_a_canary_ticks_every_partition_after_the_readings_before_it() -> None:
    bench = Bench()
    canary = FeedItem(
        story_id="canary-1", content_hash="", feed_id="canary", publisher="canary", published=AT, fetched_at=AT,
        canary=True,
    )  # fmt: skip
    await bench.feed(encode(item()), encode(canary))
    records = [decode_reading(value) for value in bench.sent(topics.READINGS)]
    ticks = [record for record in records if isinstance(record, Tick)]
    assert records[-PARTITIONS:] == ticks
    assert ticks == [Tick(at=AT, source=1, sources=PARTITIONS)] * PARTITIONS
    sent = [out for out in bench.sender.sent if out.topic is topics.READINGS]
    assert [out.partition for out in sent[-PARTITIONS:]] == list(range(PARTITIONS))
    assert bench.stories()[0].story_id == "s1"


async def test_poison_is_kept_and_the_rest_goes_on() -> None:
    bench = Bench()
    await bench.feed(encode(item("s1")), b"\x00\xff", encode(item("s2")))
    letters = [decode(value, DeadLetter) for value in bench.sent(topics.DEAD_LETTERS)]
    assert [(letter.value, letter.reason) for letter in letters] == [(b"\x00\xff", "undecodable")]
    assert [story.story_id for story in bench.stories()] == ["s1", "s2"]


async def test_a_story_too_large_to_send_is_kept_and_takes_no_other_along() -> None:
    huge = item("s2", title="Musk lobt Trump. " * 2_000)
    bench = Bench(limit=len(encode(huge)))
    await bench.feed(encode(item("s1")), encode(huge), encode(item("s3")))
    assert [story.story_id for story in bench.stories()] == ["s1", "s3"]
    assert bench.memory.get("s2") is None
