"""The search sink as a process, on a real Kafka: bad bytes, kill -9, a clean stop."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from riftwatch import topics
from riftwatch.kafka import lag, producer
from riftwatch.records import encode
from riftwatch.settings import Settings
from stores.sqlite import SqliteStore
from tests.stores.samples import evidence, story

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(90)]


@contextmanager
def sink(kafka: str, data: Path) -> Iterator[subprocess.Popen[bytes]]:
    env = os.environ | {
        "RIFTWATCH_KAFKA": kafka,
        "RIFTWATCH_DATA": str(data),
        "RIFTWATCH_SESSION_TIMEOUT_S": "6",
    }
    process = subprocess.Popen([sys.executable, "-m", "commands.main", "sink", "search"], env=env)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(condition: Callable[[], bool], limit_s: float = 40.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_nothing_is_lost_through_bad_bytes_a_kill_and_a_restart(fresh_topics: str, tmp_path: Path) -> None:
    settings = Settings(kafka=fresh_topics)
    client = producer(settings)
    store = SqliteStore(tmp_path / "store.db", readonly=True)
    first = [story(f"s{number}", "musk") for number in range(50)]
    try:
        for record in first:
            client.send(topics.STORIES.name, encode(record), record.story_id.encode())
        client.send(topics.EVIDENCE.name, b"\xff broken", b"bad")
        client.flush()
        with sink(fresh_topics, tmp_path) as process:
            until(lambda: store.counts()["story"] == 50 and store.counts()["deadletter"] == 1)
            assert store.dead_letters()[0].value == b"\xff broken"
            delays = []
            for number in range(1, 11):
                started = time.monotonic()
                client.send(topics.EVIDENCE.name, encode(evidence(f"s{number}")), b"e")
                client.flush()
                until(lambda number=number: store.counts()["evidence"] == number)  # type: ignore[misc]
                delays.append(time.monotonic() - started)
            print("seconds from sending to reading:", [round(delay, 3) for delay in sorted(delays)])
            assert min(delays) < 1.0  # 0.03 s; whatever makes records wait makes all of them wait
            process.send_signal(signal.SIGKILL)
            process.wait()
        client.send(topics.STORIES.name, encode(story("later")), b"later")
        client.flush()
        with sink(fresh_topics, tmp_path) as process:
            until(lambda: store.counts()["story"] == 51)
            until(lambda: lag(settings, topics.GROUP_SEARCH, topics.STORIES.name) == 0)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        assert store.counts()["deadletter"] == 1
    finally:
        store.close()
        client.close()
