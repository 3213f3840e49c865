"""The poller against real Kafka: what arrives, and that kill -9 loses nothing and repeats nothing."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from riftwatch import kafka as clients
from riftwatch.clock import step_clock
from riftwatch.records import Coverage, FeedItem, FeedState, Record, decode
from riftwatch.settings import Settings
from riftwatch.topics import COVERAGE, FEEDS, ITEMS, Topic
from tests.ingest.servers import FeedServer, poller, rss

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(400)]
PATIENCE_S = 120.0  # 3 s on an idle machine, a rebalance included; a busy one takes that to start two pollers
START = datetime(2025, 1, 22, 12, tzinfo=UTC)
OPML = """<opml version="2.0"><body>{outlines}</body></opml>"""


class Bench:
    """A feed server, a configuration and a clock for real pollers."""

    def __init__(self, kafka: str, server: FeedServer, folder: Path) -> None:
        self.kafka, self.server, self.folder = kafka, server, folder
        (folder / "publishers.toml").write_text("", encoding="utf-8")
        self.clock = folder / "clock"
        step_clock(self.clock, START)

    def list_feeds(self, *names: str) -> None:
        outlines = "".join(
            f'<outline type="rss" feedId="{name}" publisher="{name}" language="en" '
            f'xmlUrl="http://127.0.0.1:{self.server.port}/{name}"/>'
            for name in names
        )
        (self.folder / "feeds.opml").write_text(OPML.format(outlines=outlines), encoding="utf-8")

    def environ(self) -> dict[str, str]:
        given = {
            "kafka": self.kafka, "config_dir": self.folder, "clock": f"file:{self.clock}", "poll_min_s": 600,
            "poll_max_s": 600, "poll_host_gap_s": 0, "poll_turn_s": 0.05, "session_timeout_s": 6,
            "poll_allow_private": f"127.0.0.1:{self.server.port}",
        }  # fmt: skip
        return {f"RIFTWATCH_{name.upper()}": str(value) for name, value in given.items()}

    def read(self, topic: Topic, until: int, limit_s: float = PATIENCE_S) -> list[Record]:
        """Return the records of a topic, canaries left out, once there are `until` different keys of them."""
        consumer = clients.consumer(Settings(kafka=self.kafka), None)
        where = clients.partitions_of(consumer, topic.name)
        consumer.assign(where)
        consumer.seek_to_beginning(*where)
        assert topic.record is not None
        found: list[Record] = []
        end = time.monotonic() + limit_s
        keys: set[bytes] = set()
        while len(keys) < until and time.monotonic() < end:
            for batch in consumer.poll(timeout_ms=200).values():
                keys |= {one.key for one in batch if not one.key.startswith(b"canary")}
                records = [decode(one.value, topic.record) for one in batch]
                found += [one for one in records if not (isinstance(one, FeedItem) and one.canary)]
        consumer.close()
        assert len(keys) >= until, f"{topic.name}: {len(keys)} of {until}"
        return found

    def canaries(self, at: datetime, limit_s: float = PATIENCE_S) -> set[int]:
        """Return the partitions that hold a canary of `at`, once every one does."""
        consumer = clients.consumer(Settings(kafka=self.kafka), None)
        where = clients.partitions_of(consumer, ITEMS.name)
        consumer.assign(where)
        found: set[int] = set()
        end = time.monotonic() + limit_s
        while len(found) < len(where) and time.monotonic() < end:
            for partition, batch in consumer.poll(timeout_ms=200).items():
                items = [decode(one.value, FeedItem) for one in batch]
                if any(item.canary and item.fetched_at == at for item in items):
                    found.add(partition.partition)
        consumer.close()
        return found


@pytest.fixture
def bench(fresh_topics: str, tmp_path: Path) -> Iterator[Bench]:
    with FeedServer().running() as server:
        yield Bench(fresh_topics, server, tmp_path)


def test_what_a_feed_holds_arrives_once_with_its_state_coverage_and_canaries(bench: Bench) -> None:
    bench.list_feeds("alpha", "beta", "gamma")
    bench.server.documents = {"/alpha": rss("One", "Two"), "/beta": rss("Three", host="b.example")}
    with poller(bench.environ(), bench.folder) as process:
        items = bench.read(ITEMS, 3)
        assert bench.canaries(START) == {0, 1, 2, 3}
        states = {state.feed_id: state for state in bench.read(FEEDS, 3) if isinstance(state, FeedState)}
        assert {item.title for item in items if isinstance(item, FeedItem)} == {"One", "Two", "Three"}
        assert {name: state.health for name, state in states.items()} == {
            "alpha": "ok", "beta": "ok", "gamma": "not_found",
        }  # fmt: skip
        heard = [record for record in bench.read(COVERAGE, 2) if isinstance(record, Coverage)]
        assert {one.publisher for one in heard} == {"alpha", "beta"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0


def test_kill_9_loses_nothing_and_sends_known_entries_no_second_time(bench: Bench) -> None:
    bench.list_feeds("alpha", "beta")
    bench.server.documents = {"/alpha": rss("One", "Two"), "/beta": rss("Three", host="b.example")}
    with poller(bench.environ(), bench.folder):
        bench.read(ITEMS, 3)
        bench.read(FEEDS, 2)
    later = START.replace(hour=18)
    bench.server.documents["/alpha"] = rss("One", "Two", "Four")
    step_clock(bench.clock, later)
    with poller(bench.environ(), bench.folder):
        bench.canaries(later)
        items = [item for item in bench.read(ITEMS, 4) if isinstance(item, FeedItem)]
    assert sorted(item.title for item in items) == ["Four", "One", "Three", "Two"]
    assert {item.fetched_at for item in items} == {START, later}


def test_two_pollers_share_the_feeds_and_one_takes_over_from_a_killed_one(bench: Bench) -> None:
    names = [f"feed-{number}" for number in range(12)]
    bench.list_feeds(*names)
    bench.server.documents = {f"/{name}": rss(name, host=f"{name}.example") for name in names}
    with poller(bench.environ(), bench.folder) as first, poller(bench.environ(), bench.folder):
        bench.read(FEEDS, len(names))
        bench.server.documents = {
            f"/{name}": rss(name, f"{name} new", host=f"{name}.example") for name in names
        }
        first.kill()
        later = START.replace(hour=18)
        step_clock(bench.clock, later)
        items = [item for item in bench.read(ITEMS, 2 * len(names)) if isinstance(item, FeedItem)]
    assert {item.title for item in items} == set(names) | {f"{name} new" for name in names}
    assert len({item.story_id for item in items}) == 2 * len(names)


def test_without_a_broker_it_says_so_in_one_sentence(bench: Bench) -> None:
    environ = bench.environ() | {"RIFTWATCH_KAFKA": "127.0.0.1:9"}
    bench.list_feeds("alpha")
    with poller(environ, bench.folder) as process:
        assert process.wait(60) == 2
    log = (bench.folder / "poll.log").read_text(encoding="utf-8")
    assert "no Kafka answers at 127.0.0.1:9" in log
    assert "Traceback" not in log
