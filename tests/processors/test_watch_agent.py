"""The shell around watch, with a sender that acknowledges into a list: time, order, restarts, poison."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from processors.contributions import Contribution, contribution_of
from processors.rules import Rules
from processors.watch_agent import WatchShell, Watermark
from riftwatch import metrics, topics
from riftwatch.flood import MOST_DEAD, TooManyDead
from riftwatch.records import DeadLetter, Evidence, Reading, Shift, Tick, decode, encode
from tests.fakes import FakeEvent, FakeSender, FakeTable

RULES = Rules.load(Path(__file__).parents[2] / "config" / "rules.toml")
AT = datetime(2025, 1, 22, 22, 30, tzinfo=UTC)
SUBJECT = "relation:musk|trump"


def tick(source: int, at: datetime = AT, sources: int = 2) -> Tick:
    return Tick(at=at, source=source, sources=sources)


def reading(story: str = "s1", score: float = -0.8) -> Reading:
    return Reading(
        subject=SUBJECT, story_id=story, score=score, confidence=0.9, label="hostile", publisher="a",
        published=AT - timedelta(hours=4), first_published=AT - timedelta(hours=4), fetched_at=AT,
    )  # fmt: skip


class Bench:
    """One shell over a one-partition topic."""

    def __init__(self, contributions: FakeTable[Contribution] | None = None) -> None:
        self.sender = FakeSender()
        self.contributions = contributions or FakeTable(topics.CONTRIBUTIONS, Contribution)
        self.ledger: FakeTable[Shift] = FakeTable(topics.LEDGER, Shift)
        self.shell = WatchShell(
            RULES, self.contributions, self.ledger, self.sender, ThreadPoolExecutor(1), 1, lambda: {0}
        )

    async def feed(self, *values: bytes) -> None:
        await self.shell.handle([FakeEvent(value) for value in values])

    def sent(self, topic: topics.Topic) -> list[bytes]:
        return [out.value for out in self.sender.sent if out.topic is topic and out.value is not None]


def test_time_is_the_slowest_partitions_time() -> None:
    mark = Watermark()
    assert mark.advance(tick(0)) is None
    assert mark.advance(tick(1, AT - timedelta(days=1))) == AT - timedelta(days=1)
    assert mark.advance(tick(1)) == AT
    assert mark.advance(tick(0, AT - timedelta(days=3))) is None  # a redelivered tick turns nothing back


async def test_a_reading_is_kept_and_told_when_time_has_passed_it() -> None:
    bench = Bench()
    await bench.feed(encode(reading()), encode(tick(0)))
    assert bench.contributions.get(f"{SUBJECT}|s1") is not None
    assert bench.sent(topics.EVIDENCE) == []
    await bench.feed(encode(tick(1)))
    assert [decode(value, Evidence).story_id for value in bench.sent(topics.EVIDENCE)] == ["s1"]


async def test_rows_are_sent_before_what_follows_from_them() -> None:
    bench = Bench()
    await bench.feed(encode(reading()), encode(tick(0)), encode(tick(1)))
    order = [out.topic for out in bench.sender.sent]
    assert order.index(topics.CONTRIBUTIONS) < order.index(topics.EVIDENCE)


async def test_after_a_rebalance_the_tables_tell_everything_anew() -> None:
    bench = Bench()
    await bench.feed(encode(reading()), encode(tick(0)), encode(tick(1)))
    told = bench.sent(topics.EVIDENCE)
    bench.sender.sent.clear()
    await bench.shell.forget()
    await bench.feed(encode(tick(0)), encode(tick(1)))
    assert bench.sent(topics.EVIDENCE) == told


async def test_a_tick_that_comes_again_is_not_judged_with_what_came_after_it() -> None:
    bench = Bench()
    later = AT + timedelta(minutes=1)
    edit = msgspec.structs.replace(reading(score=0.8), revision=2, fetched_at=later)
    stream = [reading(), tick(0), tick(1), edit, tick(0, later), tick(1, later)]
    await bench.feed(*map(encode, stream[:4]))
    bench.sender.sent.clear()
    restarted = Bench(bench.contributions)
    await restarted.feed(*map(encode, stream[:4]))
    assert restarted.sent(topics.EVIDENCE) == []
    await restarted.feed(*map(encode, stream[4:]))
    assert [decode(value, Evidence).score for value in restarted.sent(topics.EVIDENCE)] == [0.8]


async def test_a_row_from_a_wrong_clock_holds_time_only_until_there_is_news() -> None:
    bench = Bench()
    await bench.feed(encode(msgspec.structs.replace(reading(), fetched_at=AT + timedelta(days=400))))
    restarted = Bench(bench.contributions)
    await restarted.feed(encode(tick(0)), encode(tick(1)))
    assert restarted.sent(topics.EVIDENCE) == []
    later = AT + timedelta(minutes=1)
    await restarted.feed(encode(reading("s2")), encode(tick(0, later)), encode(tick(1, later)))
    assert {decode(value, Evidence).story_id for value in restarted.sent(topics.EVIDENCE)} == {"s1", "s2"}


async def test_a_thousand_deliveries_are_one() -> None:
    bench = Bench()
    await bench.feed(*[encode(reading())] * 1000, encode(tick(0)), encode(tick(1)))
    assert len(bench.contributions.rows_kept) == 1
    assert len(bench.sent(topics.EVIDENCE)) == 1


@pytest.mark.parametrize("poison", [b"\xff\xfe", b"", b'{"type":"reading"}', b'{"type":"storm"}'])
async def test_poison_is_kept_with_its_bytes_and_the_rest_goes_on(poison: bytes) -> None:
    bench = Bench()
    await bench.feed(encode(reading("s1")), poison, encode(reading("s2")), encode(tick(0)), encode(tick(1)))
    letters = [decode(value, DeadLetter) for value in bench.sent(topics.DEAD_LETTERS)]
    assert [(letter.value, letter.reason, letter.stage) for letter in letters] == [
        (poison, "undecodable", "watch")
    ]
    assert {decode(value, Evidence).story_id for value in bench.sent(topics.EVIDENCE)} == {"s1", "s2"}


class TableWithABadRow(FakeTable[Contribution]):
    """A table with a row of another subject in it that no sum can be made of."""

    def rows(self) -> Iterator[tuple[str, Contribution]]:
        yield from super().rows()
        yield "relation:openai|xai|s9", msgspec.structs.replace(foreign_row(), score="much")


async def test_one_bad_subject_stops_no_other_and_no_time() -> None:
    bench = Bench(TableWithABadRow(topics.CONTRIBUTIONS, Contribution))
    await bench.feed(encode(reading()), encode(tick(0)), encode(tick(1)))
    later = AT + timedelta(minutes=1)
    await bench.feed(encode(reading("s2")), encode(tick(0, later)), encode(tick(1, later)))
    assert [decode(value, Evidence).story_id for value in bench.sent(topics.EVIDENCE)] == ["s1", "s2"]
    assert bench.sent(topics.DEAD_LETTERS) == []


async def test_a_flood_of_dead_letters_stops_the_stage_before_its_batch_is_buried() -> None:
    bench = Bench()
    await bench.feed(*[b"\xff"] * MOST_DEAD)
    bench.sender.sent.clear()
    with pytest.raises(
        TooManyDead, match=f"more than {MOST_DEAD} of the last .* could not be watched: stopped"
    ):
        await bench.feed(encode(reading()), b"\xff")
    assert bench.sender.sent == []


async def test_a_subject_lives_in_its_own_partition_only() -> None:
    bench = Bench()
    elsewhere = msgspec.json.encode(foreign_row())
    bench.contributions.rows_kept[b"relation:openai|xai|s9"] = elsewhere
    bench.shell._count = 4096  # with so many partitions the foreign subject is not at home in partition 0
    await bench.feed(encode(tick(0)), encode(tick(1)))
    assert bench.sent(topics.EVIDENCE) == []


def foreign_row() -> Contribution:
    foreign = msgspec.structs.replace(reading("s9"), subject="relation:openai|xai")
    return contribution_of(foreign)


async def test_the_heartbeat_waits_for_every_assigned_partition() -> None:
    bench = Bench()
    bench.shell._assigned = lambda: {0, 1}
    later = AT + timedelta(days=400)  # the gauge is shared by all tests of the process
    await bench.feed(encode(tick(0, later)), encode(tick(1, later)))
    assert metrics.HEARTBEAT.labels("watch")._value.get() < later.timestamp()
    await bench.shell.handle([FakeEvent(encode(tick(s, later)), partition=1) for s in (0, 1)])
    assert metrics.HEARTBEAT.labels("watch")._value.get() == later.timestamp()
    await (
        bench.shell.forget()
    )  # after a rebalance other partitions may be ours, and nothing is known of them yet
    name = "riftwatch_heartbeat_seen_timestamp_seconds"
    assert metrics.REGISTRY.get_sample_value(name, {"stage": "watch"}) is None
