"""The search sink as a process between a real Kafka and a real Elasticsearch: killed, cut off, without rights."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from riftwatch import topics
from riftwatch.kafka import extents, lag, producer
from riftwatch.records import Story, encode
from riftwatch.settings import Settings
from stores.elastic_deploy import apply
from stores.elastic_templates import templates
from tests.fakes_elastic import LossyProxy, said, serving
from tests.stores.samples import story

pytestmark = [pytest.mark.kafka, pytest.mark.elasticsearch, pytest.mark.timeout(300)]
NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class World:
    """A real Kafka, a real Elasticsearch behind a proxy that can fail, and the sink as a process."""

    def __init__(self, kafka: str, client: Elasticsearch, prefix: str, proxy: LossyProxy, data: Path) -> None:
        self.settings = Settings(kafka=kafka, session_timeout_s=6.0)
        self.client, self.prefix, self.proxy, self.data = client, prefix, proxy, data

    def send(self, *records: Story) -> None:
        client = producer(self.settings)
        for record in records:
            client.send(topics.STORIES.name, encode(record), record.story_id.encode())
        client.flush()
        client.close()

    @contextmanager
    def sink(self) -> Iterator[subprocess.Popen[str]]:
        environ = os.environ | {
            "RIFTWATCH_KAFKA": self.settings.kafka, "RIFTWATCH_ELASTICSEARCH": self.proxy.url,
            "RIFTWATCH_INDEX_PREFIX": self.prefix, "RIFTWATCH_INDEX_ANALYSIS": "plain",
            "RIFTWATCH_DATA": str(self.data), "RIFTWATCH_SESSION_TIMEOUT_S": "6",
        }  # fmt: skip
        log = self.data / "sink.log"
        with log.open("a") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "commands.main", "sink", "search"], env=environ, text=True,
                stdout=output, stderr=output,
            )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def log(self) -> str:
        return (self.data / "sink.log").read_text()

    def versions(self) -> dict[str, int]:
        """id -> version of every story in the engine."""
        self.client.indices.refresh(index=f"{self.prefix}-stories-*", allow_no_indices=True)
        hits = self.client.search(
            index=f"{self.prefix}-stories-*", size=10_000, version=True, source=False, allow_no_indices=True
        )["hits"]["hits"]
        return {hit["_id"]: hit["_version"] for hit in hits}

    def lag(self) -> int:
        return lag(self.settings, topics.GROUP_SEARCH, topics.STORIES.name)

    def letters(self) -> int:
        return extents(self.settings, [topics.DEAD_LETTERS.name])[topics.DEAD_LETTERS.name].size


@pytest.fixture
def world(fresh_topics: str, elasticsearch_url: str, index_prefix: str, tmp_path: Path) -> Iterator[World]:
    proxy = LossyProxy(elasticsearch_url)
    with serving(proxy), Elasticsearch(elasticsearch_url, request_timeout=30) as client:
        apply(client, templates(index_prefix, plain_text=True), NOW)
        yield World(fresh_topics, client, index_prefix, proxy, tmp_path)


def until(condition: Callable[[], bool], limit_s: float = 90.0) -> None:
    end = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def resident_bytes(process: subprocess.Popen[str]) -> int:
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * PAGE_BYTES


def test_killed_after_the_bulk_and_before_the_commit_the_second_bulk_changes_nothing(world: World) -> None:
    records = [story(f"s{number}", "musk", revision=number % 3 + 1) for number in range(40)]
    world.proxy.hold.set()  # the engine has taken the bulk; the sink never hears of it
    world.send(*records)
    with world.sink() as process:
        until(lambda: bool(world.proxy.lost))
        process.kill()
        process.wait()
    first = world.versions()
    assert first
    assert world.lag() == 40
    world.proxy.hold.clear()
    with world.sink():
        until(lambda: world.lag() == 0)
    assert world.versions() == {record.story_id: record.revision for record in records}
    assert first.items() <= world.versions().items()
    assert world.letters() == 0


@pytest.mark.skipif(not Path("/proc").exists(), reason="memory is read from /proc")
def test_an_engine_gone_for_a_while_costs_nothing_and_no_memory(world: World) -> None:
    world.send(story("before"))
    with world.sink() as process:
        until(lambda: set(world.versions()) == {"before"} and world.lag() == 0)
        at_first = resident_bytes(process)
        world.proxy.down = True
        world.send(
            *[story(f"s{number}", content=f"{number} " * 4000) for number in range(1000)]
        )  # about 18 MB
        until(lambda: world.log().count("status=retry") >= 3)
        grown = []
        for _ in range(6):
            time.sleep(0.5)
            grown.append(resident_bytes(process) - at_first)
        assert process.poll() is None
        assert world.lag() == 1000
        assert max(grown) < 32 << 20
        assert set(world.versions()) == {"before"}
        world.proxy.down = False
        until(lambda: world.lag() == 0)
        print("MB more than at first:", [size >> 20 for size in grown])
    assert len(world.versions()) == 1001
    assert world.letters() == 0


def test_without_rights_the_process_ends_with_one_sentence_and_goes_on_once_it_has_them(world: World) -> None:
    world.proxy.instead = said(403, "security_exception", "action [indices:data/write/bulk] is unauthorized")
    world.send(*[story(f"s{number}") for number in range(3)])
    with world.sink() as process:
        assert process.wait(90) == 2
    last = world.log().strip().splitlines()[-1]
    assert last.startswith("riftwatch: Elasticsearch does not let us write (403 security_exception")
    assert last.endswith("give our account or key the rights that docs/search.md lists. Nothing was dropped.")
    assert "Traceback" not in world.log()
    assert (world.lag(), world.letters(), world.versions()) == (3, 0, {})
    world.proxy.instead = None
    with world.sink():
        until(lambda: world.lag() == 0)
    assert set(world.versions()) == {"s0", "s1", "s2"}
