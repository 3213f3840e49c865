"""The Faust worker on a real Kafka: what goes in comes out, whatever is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer

from riftwatch import kafka as clients
from riftwatch import topics
from riftwatch.flood import MOST_DEAD
from riftwatch.records import DeadLetter, Evidence, FeedItem, Story, decode, encode
from riftwatch.settings import Settings, load

pytestmark = [pytest.mark.kafka, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
START = datetime(2025, 1, 2, tzinfo=UTC)
STORIES = 120


class Worker:
    """`riftwatch process` as a child process."""

    def __init__(self, kafka: str, data: Path) -> None:
        environment = {
            **os.environ, "RIFTWATCH_KAFKA": kafka, "RIFTWATCH_DATA": str(data), "RIFTWATCH_SESSION_TIMEOUT_S": "6",
        }  # fmt: skip
        self._start = lambda: subprocess.Popen(
            [sys.executable, "-m", "commands.main", "process"],
            cwd=ROOT,
            env=environment,
            stderr=subprocess.DEVNULL,
        )
        self.process = self._start()

    def kill_and_restart(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process = self._start()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


@pytest.fixture
def settings(fresh_topics: str) -> Settings:
    return Settings(kafka=fresh_topics)


@pytest.fixture
def worker(settings: Settings, tmp_path: Path) -> Iterator[Worker]:
    running = Worker(settings.kafka, tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


@pytest.fixture
def producer(settings: Settings) -> Iterator[KafkaProducer]:
    sender = clients.producer(settings)
    yield sender
    sender.close()


def item(number: int) -> FeedItem:
    at = START + timedelta(hours=number)
    return FeedItem(
        story_id=f"s{number}", content_hash=f"c{number}", feed_id="f", publisher=f"paper{number % 9}",
        title=f"Musk lobt Trump: Treffen Nummer {number}", language="de", published=at, fetched_at=at,
    )  # fmt: skip


def send(producer: KafkaProducer, *records: FeedItem, partition: int | None = None) -> None:
    for record in records:
        producer.send(
            topics.ITEMS.name, key=record.story_id.encode(), value=encode(record), partition=partition
        )
    producer.flush()


def canaries(producer: KafkaProducer, partitions: int, at: datetime) -> None:
    for number in range(partitions):
        canary = FeedItem(
            story_id=f"canary-{number}", content_hash="", feed_id="canary", publisher="canary", published=at,
            fetched_at=at, canary=True,
        )  # fmt: skip
        send(producer, canary, partition=number)


def collect(settings: Settings, topic: topics.Topic, enough: Callable[[list[bytes]], bool]) -> list[bytes]:
    """Read a topic from its start until `enough` is satisfied; the test's time limit ends a wait in vain."""
    consumer: KafkaConsumer = clients.consumer(settings, None)
    consumer.assign(clients.partitions_of(consumer, topic.name))
    values: list[bytes] = []
    until = time.monotonic() + 75
    while not enough(values) and time.monotonic() < until:
        for batch in consumer.poll(timeout_ms=200).values():
            values += [record.value for record in batch]
    consumer.close()
    return values


def test_nothing_is_lost_or_counted_twice_when_the_worker_is_killed(
    settings: Settings, producer: KafkaProducer, worker: Worker
) -> None:
    send(producer, *[item(n) for n in range(STORIES // 2)])
    collect(settings, topics.STORIES, lambda got: len(got) > 10)
    worker.kill_and_restart()
    send(producer, *[item(n) for n in range(STORIES // 2, STORIES)])
    canaries(producer, settings.partitions, START + timedelta(hours=STORIES))
    wanted = {f"s{n}" for n in range(STORIES)}
    told = collect(
        settings,
        topics.EVIDENCE,
        lambda got: {decode(v, Evidence).story_id for v in got if b"relation:" in v} >= wanted,
    )
    stories = collect(
        settings, topics.STORIES, lambda got: {decode(v, Story).story_id for v in got} >= wanted
    )
    assert {decode(value, Evidence).story_id for value in told} == wanted
    assert {decode(value, Story).revision for value in stories} == {1}
    assert worker.stop() == 0


def test_a_worker_that_was_frozen_for_longer_than_its_session_ends_and_sends_nothing_old(
    settings: Settings, producer: KafkaProducer, worker: Worker
) -> None:
    send(producer, *[item(n) for n in range(STORIES // 2)])
    collect(settings, topics.STORIES, lambda got: len(got) > 10)
    worker.process.send_signal(signal.SIGSTOP)
    time.sleep(7)
    worker.process.send_signal(signal.SIGCONT)
    assert worker.process.wait(timeout=20) == 1
    worker.kill_and_restart()
    wanted = {f"s{n}" for n in range(STORIES // 2)}
    stories = collect(
        settings, topics.STORIES, lambda got: {decode(v, Story).story_id for v in got} >= wanted
    )
    assert {decode(value, Story).revision for value in stories} == {1}


def test_undecodable_bytes_become_a_dead_letter_and_the_next_item_is_read(
    settings: Settings, producer: KafkaProducer, worker: Worker
) -> None:
    producer.send(topics.ITEMS.name, key=b"bad", value=b"\xff\x00 not a record")
    send(producer, item(1))
    stories = collect(settings, topics.STORIES, lambda got: len(got) == 1)
    letters = collect(settings, topics.DEAD_LETTERS, lambda got: len(got) == 1)
    assert decode(stories[0], Story).story_id == "s1"
    letter = decode(letters[0], DeadLetter)
    assert (letter.value, letter.stage, letter.reason) == (b"\xff\x00 not a record", "analyse", "undecodable")
    assert worker.process.poll() is None


def test_a_worker_that_would_bury_everything_stops_and_leaves_the_rest_unread(
    settings: Settings, producer: KafkaProducer, worker: Worker
) -> None:
    for _ in range(10 * MOST_DEAD):
        producer.send(topics.ITEMS.name, key=b"bad", value=b"\xff\x00 not a record")
    producer.flush()
    assert worker.process.wait(timeout=60) == 1
    letters = clients.extents(settings, [topics.DEAD_LETTERS.name])[topics.DEAD_LETTERS.name]
    assert letters.size <= MOST_DEAD


def test_settings_come_from_the_environment() -> None:
    assert load({"RIFTWATCH_SESSION_TIMEOUT_S": "6"}).session_timeout_s == 6
