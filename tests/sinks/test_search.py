from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from kafka import TopicPartition

from riftwatch import topics
from riftwatch.clock import ManualClock
from riftwatch.errors import Retry
from riftwatch.flood import MOST_DEAD, TooManyDead
from riftwatch.records import DeadLetter, decode, encode
from sinks import consuming
from sinks.batch import Limits, newest, sort
from sinks.consuming import Letters, Stop
from sinks.search import SearchSink
from stores.base import Stored, StoryQuery
from stores.sqlite import SqliteStore
from tests.sinks.fakes import FakeConsumer, FakeProducer
from tests.stores import samples
from tests.stores.samples import at, evidence, point, shift, story

STORIES = TopicPartition(topics.STORIES.name, 0)


class Bench:
    """A search sink on fakes and a real SQLite store."""

    def __init__(self, path: Path) -> None:
        self.consumer, self.producer, self.store = FakeConsumer(), FakeProducer(), SqliteStore(path)
        self.clock, self.stop, self.limits = ManualClock(at(0)), Stop(), Limits()
        self.sink = self.start()

    def start(self) -> SearchSink:
        self.consumer.rewind()
        return SearchSink(
            self.consumer, self.store, Letters(self.producer, "search"), self.clock, self.stop, self.limits
        )

    def letters(self) -> list[DeadLetter]:
        return [decode(value, DeadLetter) for topic, _, value in self.producer.sent]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(consuming, "FIRST_WAIT_S", 0.0)
    made = Bench(tmp_path / "store.db")
    yield made
    made.store.close()


def test_every_kind_of_record_arrives_and_is_committed(bench: Bench) -> None:
    records = {
        topics.STORIES: story("s1", "musk"),
        topics.EVIDENCE: evidence(),
        topics.SERIES: point(),
        topics.SHIFTS: shift(),
        topics.FEEDS: samples.feed(),
        topics.COVERAGE: samples.coverage(),
        topics.DECISIONS: samples.decision(),
        topics.DEAD_LETTERS: samples.dead_letter(),
    }
    for topic, record in records.items():
        bench.consumer.add(topic.name, encode(record))
    bench.sink.turn()
    assert sum(bench.store.counts().values()) == len(records)
    assert bench.consumer.committed == {TopicPartition(topic.name, 0): 1 for topic in records}


def test_bad_bytes_become_a_dead_letter_and_the_stream_goes_on(bench: Bench) -> None:
    bench.consumer.add(topics.STORIES.name, b"\xff\x00not json", key=b"s9")
    bench.consumer.add(topics.STORIES.name, encode(story("s1")))
    bench.sink.turn()
    (letter,) = bench.letters()
    assert (letter.value, letter.key, letter.offset, letter.stage) == (
        b"\xff\x00not json",
        b"s9",
        0,
        "search",
    )
    assert letter.reason == "undecodable"
    assert bench.store.story("s1") is not None
    assert bench.consumer.committed == {STORIES: 2}


def test_a_time_without_a_zone_becomes_a_dead_letter_and_the_stream_goes_on(bench: Bench) -> None:
    naive = encode(story("s1")).replace(b'Z"', b'"')
    bench.consumer.add(topics.STORIES.name, naive)
    bench.consumer.add(topics.STORIES.name, encode(story("s2")))
    bench.sink.turn()
    assert [letter.value for letter in bench.letters()] == [naive]
    assert list(bench.store.story_ids()) == ["s2"]
    assert bench.consumer.committed == {STORIES: 2}


def test_what_the_store_rejects_becomes_a_dead_letter_with_its_bytes(bench: Bench) -> None:
    bad = encode(story("bad", revision=2**63))
    bench.consumer.add(topics.STORIES.name, bad)
    bench.consumer.add(topics.STORIES.name, encode(story("s1")))
    bench.sink.turn()
    assert [(letter.value, letter.reason) for letter in bench.letters()] == [(bad, "not_storable")]
    assert bench.store.story("s1") is not None


def test_a_bad_dead_letter_does_not_go_round_for_ever(bench: Bench) -> None:
    bench.consumer.add(topics.DEAD_LETTERS.name, b"garbage")
    bench.sink.turn()
    assert bench.producer.sent == []
    assert bench.consumer.committed == {TopicPartition(topics.DEAD_LETTERS.name, 0): 1}


def test_a_tombstone_is_taken_and_committed(bench: Bench) -> None:
    bench.consumer.add(topics.STORIES.name, None)
    bench.sink.turn()
    assert bench.producer.sent == []
    assert bench.consumer.committed == {STORIES: 1}


class UnwellStore(SqliteStore):
    """A store that is unwell for a while."""

    failures = 0

    def put(self, records):  # type: ignore[no-untyped-def]
        if self.failures:
            self.failures -= 1
            raise Retry("database is locked")
        return super().put(records)


def test_an_unwell_store_is_waited_for_with_the_offsets_held(tmp_path: Path, bench: Bench) -> None:
    bench.store.close()
    bench.store = UnwellStore(tmp_path / "unwell.db")
    bench.store.failures = 5
    bench.sink = bench.start()
    bench.consumer.add(topics.STORIES.name, encode(story("s1")))
    bench.consumer.on_poll = lambda: None if bench.store.failures == 0 else check(bench)  # type: ignore[attr-defined]

    def check(bench: Bench) -> None:
        assert bench.consumer.committed == {}

    bench.sink.turn()
    assert bench.store.story("s1") is not None
    assert bench.consumer.committed == {STORIES: 1}
    assert bench.consumer.paused == set()


def test_what_comes_while_waiting_is_not_lost(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rebalance brings partitions that are not paused yet."""
    new = TopicPartition(topics.SHIFTS.name, 0)

    def rebalance() -> None:
        if new not in bench.consumer.logs:
            bench.consumer.add(topics.SHIFTS.name, encode(shift()))

    bench.consumer.on_poll = rebalance
    consuming.hold(bench.consumer, 0.02, bench.stop)
    assert bench.consumer.positions.get(new) == 0
    bench.sink.turn()
    assert bench.store.counts()["shift"] == 1


def test_dead_letters_that_are_not_acknowledged_hold_the_offset(bench: Bench) -> None:
    bench.producer.failing = 2
    bench.consumer.add(topics.STORIES.name, b"garbage")
    bench.sink.turn()
    assert len(bench.producer.sent) == 3
    assert bench.consumer.committed == {STORIES: 1}


def test_dead_letters_that_cannot_even_be_sent_hold_the_offset(bench: Bench) -> None:
    bench.producer.deaf = 2
    bench.consumer.add(topics.STORIES.name, b"garbage")
    bench.sink.turn()
    assert len(bench.producer.sent) == 1
    assert bench.consumer.committed == {STORIES: 1}


def test_killed_between_write_and_commit_nothing_is_lost_or_doubled(bench: Bench) -> None:
    for number in range(3):
        bench.consumer.add(topics.STORIES.name, encode(story(f"s{number}", "musk")))
    bench.consumer.refuse_commit = True
    bench.sink.turn()
    bench.consumer.refuse_commit = False
    bench.sink = bench.start()
    bench.sink.turn()
    assert bench.store.search(StoryQuery(text="musk")).total == 3
    assert bench.consumer.committed == {STORIES: 3}


def test_a_stop_while_the_store_is_unwell_commits_nothing(tmp_path: Path, bench: Bench) -> None:
    bench.store.close()
    bench.store = UnwellStore(tmp_path / "unwell.db")
    bench.store.failures = 10**6
    bench.sink = bench.start()
    bench.consumer.add(topics.STORIES.name, encode(story("s1")))
    bench.consumer.on_poll = lambda: setattr(bench.stop, "wanted", bench.consumer.polls > 3)
    consuming.FIRST_WAIT_S = 0.5  # the fixture puts it back
    bench.sink.run()
    assert bench.consumer.committed == {}


def test_a_stage_that_rejects_everything_stops(bench: Bench) -> None:
    for _ in range(MOST_DEAD + 1):
        bench.consumer.add(topics.STORIES.name, b"{}")
    with pytest.raises(TooManyDead, match="stopped before"):
        bench.sink.turn()
    assert bench.consumer.committed == {}


def test_a_few_bad_records_among_many_do_not_stop_it(bench: Bench) -> None:
    for number in range(2000):
        bench.consumer.add(topics.STORIES.name, b"{}" if number % 25 == 0 else encode(story(f"s{number}")))
    for _ in range(4):
        bench.sink.turn()
    assert bench.store.counts()["story"] == 1920


def test_retention_goes_by_the_records_and_never_beyond_the_clock(bench: Bench) -> None:
    bench.consumer.add(topics.STORIES.name, encode(story("old")))
    bench.consumer.add(topics.STORIES.name, encode(story("odd", fetched_at=at(9000))))
    bench.sink.turn()
    bench.sink.turn()
    assert bench.store.counts()["story"] == 2
    bench.clock.time = at(800)
    later = bench.start()
    later.turn()
    later.turn()
    assert bench.store.counts()["story"] == 0


def test_progress_is_the_newest_time_that_the_poller_gave() -> None:
    records: list[Stored] = [
        story(fetched_at=at(1)),
        samples.feed(polled_at=at(2)),
        shift(reported_at=at(9)),
        point(day=1),
    ]
    assert newest(records) == at(2)
    assert newest([shift()]) is None


def test_sorting_keeps_the_order() -> None:
    consumer = FakeConsumer()
    messages = [consumer.add(topics.STORIES.name, encode(story(f"s{number}"))) for number in range(3)]
    assert [record.story_id for record in sort(messages).records] == ["s0", "s1", "s2"]  # type: ignore[union-attr]


def test_waits_grow_and_stay_under_the_limit() -> None:
    assert all(0 <= consuming.wait_s(attempt) <= consuming.LONGEST_WAIT_S for attempt in (0, 1, 5, 50, 5000))


def test_a_batch_is_searchable_at_once(bench: Bench) -> None:
    """In a replay nobody waits for a batch to fill."""
    bench.consumer.add(topics.STORIES.name, encode(story("s1")))
    bench.sink.turn()
    assert bench.store.latest_time() == at(0) + timedelta(hours=1)
