"""From a produced item to a searchable story, under load, on a real Kafka and a real Elasticsearch.

    python -m bench.item_to_search [STORIES [A_SECOND]]

Items go into Kafka at a steady rate, a fifth of them about tracked actors; `riftwatch process` and `riftwatch sink
search` run as in production; a search every LOOK_S says which stories can be found. `bare` is the floor, taken just
before on the same engine: one document handed to the engine until a search finds it (its refresh interval is 1 s).
Prints JSON: seconds at the 50th and 95th percentile, and the ratio of the 95th to the floor's.
"""

from __future__ import annotations

import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from elasticsearch import Elasticsearch

from bench.engines import broker, search_engine, skipping
from riftwatch import kafka, topics
from riftwatch.records import FeedItem, encode
from riftwatch.settings import Settings, to_environ
from stores.elastic_client import connect

STORIES, A_SECOND = 300, 5.0
WARM_UP = 20  # stories that are not counted: the first ones wait for the processes to start
FLOOR_ROUNDS = 20
LOOK_S = 0.1
LIMIT_S = 120.0
PLAIN = (
    "Die Regierung hat am Montag neue Zahlen zur Wirtschaft vorgelegt, die besser als erwartet ausfielen. "
)
NAMED = "Musk hat den Plan von Trump scharf kritisiert, OpenAI und SoftBank wollten sich dazu nicht äußern. "


def item(number: int) -> FeedItem:
    now = datetime.now(UTC)
    text = PLAIN * 15 + (NAMED * 2 if number % 5 == 0 else "")
    return FeedItem(
        story_id=f"story{number}", content_hash=f"{number}", feed_id="f", publisher=f"paper{number % 7}",
        title=f"Neue Zahlen vorgelegt, Folge {number}", content=f"{text} {number}", language="de",
        published=now, fetched_at=now,
    )  # fmt: skip


class Watch:
    """Notes when each story was first found by a search."""

    def __init__(self, client: Elasticsearch, prefix: str) -> None:
        self._client = client
        self._index = f"{prefix}-stories-*"
        self.sent: dict[str, float] = {}
        self.found: dict[str, float] = {}

    @property
    def missing(self) -> list[str]:
        """Return what was sent and not found yet."""
        return [key for key in self.sent if key not in self.found]

    def look(self) -> None:
        """Search for what is missing."""
        if missing := self.missing:
            hits = self._client.search(
                index=self._index, query={"ids": {"values": missing}}, size=len(missing), source=False,
                allow_no_indices=True,
            )["hits"]["hits"]  # fmt: skip
            now = time.monotonic()
            self.found |= {hit["_id"]: now for hit in hits}

    def until_found(self) -> None:
        """Look until nothing is missing."""
        end = time.monotonic() + LIMIT_S
        while self.missing:
            assert time.monotonic() < end, (
                f"{len(self.missing)} stories were not found within {LIMIT_S:.0f} s"
            )
            self.look()
            time.sleep(LOOK_S)

    def seconds(self) -> dict[str, float]:
        """Return percentiles over what was sent."""
        waits = sorted(self.found[key] - self.sent[key] for key in self.sent)
        return {"p50_s": round(statistics.median(waits), 2), "p95_s": round(waits[int(len(waits) * 0.95)], 2)}


@contextmanager
def roles(settings: Settings) -> Iterator[None]:
    """Run `process` and `sink search`."""
    environ = os.environ | to_environ(settings)
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "commands.main", *words], env=environ, stdout=subprocess.DEVNULL
        )
        for words in (("process",), ("sink", "search"))
    ]
    try:
        yield
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(30)


def floor(client: Elasticsearch, prefix: str) -> dict[str, float]:
    """Measure how soon a document is found that is handed to the engine directly."""
    watch, rng = Watch(client, f"{prefix}-floor"), random.Random(7)
    for number in range(FLOOR_ROUNDS + 1):
        time.sleep(rng.random())  # or each would come just after a refresh and wait for a whole interval
        watch.sent[f"{number}"] = time.monotonic()
        client.index(index=f"{prefix}-floor-stories-1", id=f"{number}", document={})
        watch.until_found()
    del watch.sent["0"]  # it made the index
    return watch.seconds()


def load(settings: Settings, watch: Watch, number: int, a_second: float) -> None:
    """Send the items at their rate, looking for stories in between."""
    client = kafka.producer(settings)
    due = time.monotonic()
    for place in range(number):
        one = item(place)
        client.send(topics.ITEMS.name, value=encode(one), key=one.story_id.encode())
        watch.sent[one.story_id] = time.monotonic()
        if place == WARM_UP - 1:
            watch.until_found()
            watch.sent, watch.found, due = {}, {}, time.monotonic()
        due += 1 / a_second
        _idle(watch.look, due)
    watch.until_found()
    client.close()


def _idle(look: Callable[[], None], until: float) -> None:
    while (left := until - time.monotonic()) > 0:
        if left > LOOK_S:
            look()
        time.sleep(max(0.0, min(LOOK_S, until - time.monotonic())))


def bench(number: int, a_second: float) -> dict[str, object]:
    with (
        broker() as found,
        search_engine() as engine,
        connect(engine) as client,
        tempfile.TemporaryDirectory() as data,
    ):
        settings = replace(
            engine, kafka=found.kafka, data=Path(data), index_analysis="plain", log_level="warning"
        )
        watch = Watch(client, settings.index_prefix)
        least = floor(client, settings.index_prefix)
        with roles(settings):
            load(settings, watch, number + WARM_UP, a_second)
        ours = watch.seconds()
    return {
        "stories": len(watch.sent), "a_second": a_second, "item_to_searchable": ours, "bare": least,
        "p95_ratio": round(ours["p95_s"] / least["p95_s"], 2),
    }  # fmt: skip


if __name__ == "__main__":
    skipping(
        lambda: bench(
            int(sys.argv[1]) if len(sys.argv) > 1 else STORIES,
            float(sys.argv[2]) if len(sys.argv) > 2 else A_SECOND,
        )
    )
