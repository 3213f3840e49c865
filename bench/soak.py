"""Pollers against a feed server that misbehaves (bench/wayward.py), killed with -9 now and then.

At the end every entry that was ever published must be in Kafka, each as one story:
published − in Kafka = ∅, stories = published. Prints the figures as JSON; exit code 1 if anything is missing,
doubled or invented. Uses the cluster of RIFTWATCH_KAFKA, which must hold no installation, or a broker of its own.

Example: python -m bench.soak --minutes 30 --feeds 2000
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.wayward import HOSTS
from commands.broker import Broker
from commands.children import Children
from commands.engine import engine
from commands.topics import apply
from riftwatch import kafka, topics
from riftwatch.records import FeedItem, FeedState, decode
from riftwatch.settings import Settings

ROOT = Path(__file__).parents[1]
POLLERS = 2


@dataclass
class Heard:
    """What has arrived in Kafka so far."""

    stories: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # guid -> story ids
    first: dict[str, float] = field(default_factory=dict)  # guid -> broker's time of its first item
    versions: Counter[tuple[str, str]] = field(default_factory=Counter)  # story, content hash -> deliveries
    health: Counter[str] = field(default_factory=Counter)  # polls by health
    intervals: dict[str, float] = field(default_factory=dict)


class Listener:
    """Reads items and feed states as they come."""

    def __init__(self, address: str) -> None:
        self.heard = Heard()
        self._consumer = kafka.consumer(Settings(kafka=address), None)
        where = [
            one
            for topic in (topics.ITEMS, topics.FEEDS)
            for one in kafka.partitions_of(self._consumer, topic.name)
        ]
        self._consumer.assign(where)
        self._consumer.seek_to_beginning(*where)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop reading."""
        self._stopping.set()
        self._thread.join(30)
        self._consumer.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for where, records in self._consumer.poll(timeout_ms=500).items():
                for record in records:
                    if where.topic == topics.ITEMS.name:
                        self._item(decode(record.value, FeedItem), record.timestamp / 1000)
                    else:
                        self._state(decode(record.value, FeedState))

    def _item(self, item: FeedItem, at: float) -> None:
        if not item.canary:
            self.heard.stories[item.guid].add(item.story_id)
            self.heard.first.setdefault(item.guid, at)
            self.heard.versions[item.story_id, item.content_hash] += 1

    def _state(self, state: FeedState) -> None:
        self.heard.health[state.health] += 1
        self.heard.intervals[state.feed_id] = state.interval_s


class Pollers:
    """A few `riftwatch poll`; one that is killed or ends is started again."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self._environ, self._log = os.environ | environ, log
        self._running = [self._start() for _ in range(POLLERS)]
        self.killed = 0
        self.ended: list[int] = []  # exit codes of pollers that ended by themselves

    def kill(self, number: int) -> None:
        """Kill one with -9 and start another."""
        self._running[number].kill()
        self._running[number].wait()
        self._running[number] = self._start()
        self.killed += 1

    def look(self) -> None:
        """Start again what has ended by itself."""
        for number, process in enumerate(self._running):
            if process.poll() is not None:
                self.ended.append(process.returncode)
                self._running[number] = self._start()

    def memory_mb(self) -> float:
        """Return the resident size of the largest."""
        return max(_resident_mb(process.pid) for process in self._running)

    def stop(self) -> None:
        """End all, as an operator would."""
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        for process in self._running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "commands.main", "poll"], env=self._environ, stderr=log, cwd=ROOT
            )


def soak(
    kafka_address: str,
    folder: Path,
    *,
    feeds: int,
    minutes: float,
    kills: int,
    quick: bool = False,
    well: bool = False,
) -> dict[str, object]:
    """Run the whole and return the figures; `quick` polls every few seconds, for a test."""
    apply(Settings(kafka=kafka_address))
    with server(feeds, well=well) as port, ExitStack() as stack:
        environ = configuration(folder, kafka_address, port, feeds, quick=quick)
        listener = Listener(kafka_address)
        stack.callback(listener.stop)
        pollers = Pollers(environ, folder / "poll.log")
        stack.callback(pollers.stop)
        began = time.monotonic()
        kill_at = [began + 60 * minutes * (number + random.random()) / kills for number in range(kills)]
        while time.monotonic() < began + 60 * minutes:
            time.sleep(0.5)
            pollers.look()
            if kill_at and time.monotonic() > kill_at[0]:
                kill_at.pop(0)
                pollers.kill(pollers.killed % POLLERS)
        memory = pollers.memory_mb()
        urllib.request.urlopen(urllib.request.Request(f"http://127.0.1.1:{port}/calm", method="POST")).read()
        calm, limit_s = time.monotonic(), 45.0 if quick else 900.0
        truth = ask(port)
        while set(truth["published"]) - set(listener.heard.first) and time.monotonic() < calm + limit_s:
            time.sleep(1)
            pollers.look()
        return figures(truth, listener.heard) | {
            "feeds": feeds, "minutes": minutes, "pollers": POLLERS, "killed": pollers.killed,
            "ended_by_themselves": pollers.ended, "calm_s": round(time.monotonic() - calm), "poller_mb": round(memory),
        }  # fmt: skip


def figures(truth: dict[str, dict[str, float]], heard: Heard) -> dict[str, object]:
    """Compare what was published with what arrived."""
    published = truth["published"]
    missing = sorted(set(published) - set(heard.stories))
    split = sorted(guid for guid, stories in heard.stories.items() if len(stories) > 1)
    all_stories = [story for stories in heard.stories.values() for story in stories]
    merged = sorted(story for story, times in Counter(all_stories).items() if times > 1)
    began = min(heard.first.values(), default=0.0)
    late = sorted(
        heard.first[guid] - at for guid, at in published.items() if at > began and guid in heard.first
    )
    planned = sorted(heard.intervals.values())
    deliveries = sum(heard.versions.values())
    return {
        "published": len(published), "missing": len(missing), "missing_examples": missing[:10],
        "invented": len(set(heard.stories) - set(published)),
        "stories": len(set(all_stories)), "split": len(split), "split_examples": split[:10], "merged": len(merged),
        "deliveries": deliveries, "redelivered": deliveries - len(heard.versions),
        "appearance_to_kafka_s": {"p50": _at(late, 0.5), "p95": _at(late, 0.95), "max": _at(late, 1.0)},
        "planned_interval_s": {"p50": _at(planned, 0.5), "p95": _at(planned, 0.95)},
        "polls": sum(heard.health.values()), "health": dict(heard.health.most_common()),
        "answers": truth["answers"],
    }  # fmt: skip


def is_clean(found: dict[str, object]) -> bool:
    """Return whether nothing is missing, doubled, merged or invented."""
    return not any(found[name] for name in ("missing", "invented", "split", "merged"))


@contextmanager
def server(feeds: int, *, well: bool) -> Iterator[int]:
    """Run the server in a process of its own and yield its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.wayward", str(feeds), *(["well"] if well else [])],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def configuration(folder: Path, address: str, port: int, feeds: int, *, quick: bool) -> dict[str, str]:
    """Write the pollers' files and return their environment."""
    outlines = "".join(
        f'<outline feedId="feed-{number}" publisher="paper-{number}" language="en" '
        f'xmlUrl="http://127.0.1.{number % HOSTS + 1}:{port}/feed/{number}"/>\n'
        for number in range(feeds)
    )
    (folder / "feeds.opml").write_text(
        f"<opml version='2.0'><body>{outlines}</body></opml>", encoding="utf-8"
    )
    (folder / "publishers.toml").write_text("", encoding="utf-8")
    hosts = "".join(
        f'[[host]]\nhost = "127.0.1.{number + 1}"\ngap_s = 0\nparallel = 32\nrest_s = 1\nretry_scope = "host"\n'
        for number in range(HOSTS)
    )
    (folder / "hosts.toml").write_text(hosts, encoding="utf-8")
    given = {
        "kafka": address, "config_dir": folder, "poll_min_s": 1 if quick else 60, "poll_max_s": 3 if quick else 180,
        "poll_priority_min_s": 1 if quick else 60, "poll_host_gap_s": 0, "poll_turn_s": 0.2 if quick else 1.0,
        "poll_timeout_s": 2 if quick else 20, "poll_parallel": 32, "session_timeout_s": 6, "log_level": "warning",
        "poll_allow_private": ",".join(f"127.0.1.{number + 1}:{port}" for number in range(HOSTS)),
    }  # fmt: skip
    return {f"RIFTWATCH_{name.upper()}": str(value) for name, value in given.items()}


def ask(port: int) -> dict[str, dict[str, float]]:
    """Return the server's truth."""
    with urllib.request.urlopen(f"http://127.0.1.1:{port}/truth") as answer:
        found: dict[str, dict[str, float]] = json.loads(answer.read())
    return found


@contextmanager
def broker() -> Iterator[str]:
    """Yield host:port of a cluster to work with."""
    if given := os.environ.get("RIFTWATCH_KAFKA"):
        yield given
        return
    children = Children()
    with tempfile.TemporaryDirectory() as folder:
        embedded = Broker(Path(folder), children, engine())
        try:
            yield embedded.start()
        finally:
            embedded.stop()
            children.close()


def _at(values: list[float], share: float) -> float | None:
    return round(values[min(len(values) - 1, int(share * len(values)))], 1) if values else None


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> int:
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--minutes", type=float, default=30)
    options.add_argument("--feeds", type=int, default=2000)
    options.add_argument("--kills", type=int, default=4, help="kill -9 so many times")
    options.add_argument(
        "--well", action="store_true", help="a server that behaves: measures, proves nothing"
    )
    given = options.parse_args()
    with broker() as address, tempfile.TemporaryDirectory() as folder:
        found = soak(
            address,
            Path(folder),
            feeds=given.feeds,
            minutes=given.minutes,
            kills=given.kills,
            well=given.well,
        )
    print(json.dumps(found, indent=1))
    return 0 if is_clean(found) else 1


if __name__ == "__main__":
    sys.exit(main())
