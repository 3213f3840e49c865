"""The shell around analyse, with a judge of plain words and a sender that acknowledges into a list."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from pathlib import Path

import msgspec
import pytest

from processors.analyse import Analyser, StoryMemory
from processors.analysis_agent import AnalysisShell
from riftwatch import topics
from riftwatch.flood import MOST_DEAD, TooManyDead
from riftwatch.kafka import partition as partition_of
from riftwatch.records import DeadLetter, FeedItem, Reading, Story, Tick, decode, decode_reading, encode
from riftwatch.watchlist import Watchlist
from tests.fakes import FakeEvent, FakeJudge, FakeSender, FakeTable

AT = datetime(2025, 1, 22, 14, tzinfo=UTC)
WATCHLIST = Watchlist.load(Path(__file__).parents[2] / "config" / "watchlist.toml")
PARTITIONS = 3
LONG_AGO = AT - timedelta(days=130)


def item(story: str = "s1", title: str = "Musk lobt Trump", hours: int = 0) -> FeedItem:
    return FeedItem(
        story_id=story, content_hash=title, feed_id="f", publisher="p", title=title, language="de", published=AT,
        fetched_at=AT + timedelta(hours=hours),
    )  # fmt: skip


def canary(days: float = 0) -> FeedItem:
    at = AT + timedelta(days=days)
    return FeedItem(
        story_id="canary-1", content_hash="", feed_id="canary", publisher="canary", published=at, fetched_at=at,
        canary=True,
    )  # fmt: skip


def at_home(number: int, partition: int = 1) -> list[str]:
    """Return ids of stories that live in a partition."""
    names = (f"old{n}" for n in count())
    return list(islice((n for n in names if partition_of(n.encode(), PARTITIONS) == partition), number))


class Bench:
    """One shell over fakes."""

    def __init__(self, limit: int = 2_000_000) -> None:
        self.sender = FakeSender(limit)
        self.memory: FakeTable[StoryMemory] = FakeTable(topics.STORY_MEMORY, StoryMemory)
        analyser = Analyser(WATCHLIST, FakeJudge())
        self.shell = AnalysisShell(analyser, self.memory, self.sender, ThreadPoolExecutor(1), PARTITIONS)

    def remember(self, *stories: str, revision: int = 1) -> None:
        """Keep rows of dated stories from LONG_AGO."""
        for story in stories:
            row = StoryMemory(
                revision=revision, content_hash="x", first_published=LONG_AGO - timedelta(hours=1), fetched_at=LONG_AGO
            )  # fmt: skip
            self.memory.keep(self.memory.write(story, row, 1))

    def tombstones(self) -> list[bytes]:
        return [out.key for out in self.sender.sent if out.topic is topics.STORY_MEMORY and out.value is None]

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
    await bench.feed(encode(item()), encode(canary()))
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


async def test_time_is_what_every_poller_has_told() -> None:
    bench = Bench()

    async def ticks(*told: FeedItem) -> list[datetime]:
        bench.sender.sent.clear()
        await bench.feed(*map(encode, told))
        records = [decode_reading(value) for value in bench.sent(topics.READINGS)]
        return [record.at for record in records if isinstance(record, Tick)][::PARTITIONS]

    def told(days: float, *partitions: int) -> FeedItem:
        return msgspec.structs.replace(canary(days), speaks_for=partitions, feed_partitions=3)

    assert await ticks(told(2, 0, 1)) == []  # nobody has spoken for partition 2 yet
    assert await ticks(told(1, 2)) == [AT + timedelta(days=1)]
    assert await ticks(told(3, 0, 1)) == [AT + timedelta(days=1)]  # the other poller stands still, or is dead
    assert await ticks(told(4, 0, 1, 2)) == [AT + timedelta(days=4)]  # taken over
    assert await ticks(told(2, 2)) == [AT + timedelta(days=4)]  # delivered again: nothing goes back
    assert await ticks(canary(5)) == [AT + timedelta(days=5)]  # of an older version, which spoke for all


async def test_a_story_too_large_to_send_is_kept_and_takes_no_other_along() -> None:
    huge = item("s2", title="Musk lobt Trump. " * 2_000)
    bench = Bench(limit=len(encode(huge)))
    await bench.feed(encode(item("s1")), encode(huge), encode(item("s3")))
    assert [story.story_id for story in bench.stories()] == ["s1", "s3"]
    assert bench.memory.get("s2") is None


async def test_a_new_day_forgets_old_stories_of_its_partition() -> None:
    bench = Bench()
    ours, theirs = at_home(2), at_home(2, partition=0)
    bench.remember(*ours, *theirs)
    await bench.feed(encode(item("fresh")), encode(canary()))
    assert bench.tombstones() == [story.encode() for story in ours]
    assert {out.partition for out in bench.sender.sent if out.topic is topics.STORY_MEMORY} == {1}
    assert sorted(bench.memory.rows_kept) == sorted(story.encode() for story in ["fresh", *theirs])


async def test_what_came_again_before_the_new_day_in_the_same_batch_stays() -> None:
    bench = Bench()
    (story,) = at_home(1)
    bench.remember(story)
    await bench.feed(encode(item(story)), encode(canary()))
    assert bench.tombstones() == []
    assert [told.revision for told in bench.stories()] == [2]


async def test_what_comes_again_after_the_new_day_is_a_first_revision_even_in_the_same_batch() -> None:
    bench = Bench()
    (story,) = at_home(1)
    bench.remember(story)
    await bench.feed(encode(canary()), encode(item(story)))
    assert [told.revision for told in bench.stories()] == [1]
    kept = bench.memory.get(story)
    assert kept is not None
    assert kept.fetched_at == AT


async def test_a_revised_story_that_comes_back_replaces_what_the_store_has() -> None:
    bench = Bench()
    (story,) = at_home(1)
    bench.remember(story, revision=4)
    await bench.feed(encode(canary()), encode(item(story)))
    assert [told.revision for told in bench.stories()] == [5]


async def test_a_flood_of_dead_letters_stops_the_stage_before_its_batch_is_buried() -> None:
    bench = Bench()
    await bench.feed(*[b"\xff"] * MOST_DEAD)
    bench.sender.sent.clear()
    with pytest.raises(TooManyDead, match="could not be analysed: stopped"):
        await bench.feed(encode(item()), b"\xff")
    assert bench.sender.sent == []


async def test_stories_too_large_count_as_well() -> None:
    huge = [item(f"s{n}", title="Musk lobt Trump. " * 100) for n in range(MOST_DEAD + 1)]
    bench = Bench(limit=len(encode(huge[0])))
    with pytest.raises(TooManyDead):
        await bench.feed(*map(encode, huge))
