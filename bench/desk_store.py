"""How quickly a store answers what the desk asks, with 100,000 stories in it.

Run: python -m bench.desk_store [--stories 100000] [--json] [--store http://127.0.0.1:9200 [--plain-text]]
The store is a new SQLite file, or indices of their own on that search engine, which are deleted afterwards.
Prints median and worst of 15 runs of each question in milliseconds, and exits 1 if a median is over 100 ms.
The stories are made of random words with the frequencies of a real newsroom's vocabulary (Zipf), so that
common words match a large part of all stories.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from itertools import accumulate, combinations, islice
from pathlib import Path

from riftwatch.records import (
    Evidence,
    Mention,
    SentenceScore,
    SeriesPoint,
    Shift,
    Story,
    WindowMean,
    relation_subject,
)
from riftwatch.settings import Settings
from stores.base import EvidenceQuery, Store, Stored, StoryQuery
from stores.elastic import ElasticStore
from stores.elastic_client import connect
from stores.elastic_deploy import apply
from stores.elastic_templates import templates
from stores.sqlite import SqliteStore

LIMIT_MS = 100.0
SETTLE_S = 3.0  # a search engine shows what was written within a second
START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 730
ACTORS = ("altman", "musk", "openai", "softbank", "trump", "xai", "merkel", "scholz", "bezos", "apple")
WORDS = ["the", "die", "zoll", "tariff", "money", "geld", "haus", "court"] + [
    f"word{n}" for n in range(20_000)
]
CUMULATED = list(accumulate(1 / (rank + 5) for rank in range(len(WORDS))))
SUBJECTS = [relation_subject(a, b) for a, b in combinations(ACTORS, 2)]


def text(rng: random.Random, length: int) -> str:
    return " ".join(rng.choices(WORDS, cum_weights=CUMULATED, k=length))


def stories(count: int, rng: random.Random) -> Iterator[Story]:
    for number in range(count):
        when = START + timedelta(days=DAYS * number / count)
        named = rng.choices(ACTORS[:5] * 3 + ACTORS[5:], k=rng.randint(0, 3))
        yield Story(
            story_id=f"story{number:07}", revision=1, feed_id=f"feed{number % 100}", publisher=f"paper{number % 60}",
            title=f"{text(rng, 7)} {' '.join(named)}", summary=text(rng, 30), content=text(rng, 300),
            language=rng.choice(("de", "en")), published=when, first_published=when, fetched_at=when,
            mentions=tuple(
                Mention(entity=name, field="title", start=0, end=1, text=name, via="name") for name in set(named)
            ),
        )  # fmt: skip


def evidence(story: Story, rng: random.Random) -> Iterator[Evidence]:
    for a, b in combinations(sorted({mention.entity for mention in story.mentions}), 2):
        yield Evidence(
            subject=relation_subject(a, b), story_id=story.story_id, revision=1, score=rng.uniform(-1, 1),
            confidence=0.9, label="hostile", weight=1, counted=rng.random() < 0.8,
            sentences=(SentenceScore(sentence=text(rng, 25), score=-0.5),) * 3, publisher=story.publisher,
            language=story.language, published=story.published, first_published=story.published,
            fetched_at=story.fetched_at, title=story.title,
        )  # fmt: skip


def points(rng: random.Random) -> Iterator[SeriesPoint]:
    for subject in SUBJECTS:
        for day in range(DAYS):
            mean = rng.uniform(-1, 1)
            yield SeriesPoint(
                subject=subject, bucket=(START + timedelta(days=day)).date().isoformat(), mean=mean,
                low=mean - 0.1, high=mean + 0.1, n_stories=5, n_publishers=4, newest_fetched_at=START,
            )  # fmt: skip


def shifts(rng: random.Random) -> Iterator[Shift]:
    window = WindowMean(mean=0.1, low=0, high=0.2, n=5)
    for number in range(300):
        when = START + timedelta(days=rng.uniform(0, DAYS))
        yield Shift(
            shift_id=f"shift{number}", revision=1, subject=rng.choice(SUBJECTS), direction="down",
            state=rng.choice(("opened", "settled")), onset=when, detected_at=when, reported_at=when, before=window,
            after=window, statistic=6, threshold=5,
        )  # fmt: skip


def fill(store: Store, count: int) -> float:
    """Fill the store as the sink would; return records a second."""
    rng = random.Random(7)

    def records() -> Iterator[Stored]:
        for story in stories(count, rng):
            yield story
            yield from evidence(story, rng)
        yield from points(rng)
        yield from shifts(rng)

    source, written, started = records(), 0, time.perf_counter()
    while batch := list(islice(source, 500)):
        written += len(store.put(batch))
    return written / (time.perf_counter() - started)


def questions(store: Store) -> dict[str, Callable[[], object]]:
    """Return what the desk asks, page by page."""
    end = START + timedelta(days=DAYS)
    pair = "relation:musk|trump"
    return {
        "overview: pairs, 30 days": lambda: store.subjects("relation", end.date()),
        "overview: what changed": lambda: store.shifts(limit=20),
        "pair: series, all days": lambda: store.series(pair),
        "pair: evidence, newest": lambda: store.evidence(EvidenceQuery(subject=pair)),
        "pair: evidence, lowest": lambda: store.evidence(EvidenceQuery(subject=pair, order="lowest")),
        "pair: evidence of one language and month": lambda: store.evidence(
            EvidenceQuery(subject=pair, language="de", since=end - timedelta(days=30), counted_only=True)
        ),
        "pair: evidence, page 40": lambda: store.evidence(EvidenceQuery(subject=pair, offset=1000)),
        "pair: shifts": lambda: store.shifts(pair),
        "stories of a page by id": lambda: store.stories([f"story{n:07}" for n in range(0, 50_000, 1000)]),
        "search: everything": lambda: store.search(StoryQuery()),
        "search: everything, page 40": lambda: store.search(StoryQuery(offset=1000)),
        "search: one actor": lambda: store.search(StoryQuery(entities=("musk",))),
        "search: two actors": lambda: store.search(StoryQuery(entities=("musk", "trump"))),
        "search: language and publisher": lambda: store.search(StoryQuery(language="de", publisher="paper1")),
        "search: a rare word": lambda: store.search(StoryQuery(text="word15000")),
        "search: a common word": lambda: store.search(StoryQuery(text="trump")),
        "search: a very common word": lambda: store.search(StoryQuery(text="die")),
        "search: two common words": lambda: store.search(StoryQuery(text="zoll haus")),
        "search: word, actor, language": lambda: store.search(
            StoryQuery(text="tariffs", entities=("trump",), language="de")
        ),
        "search: word in a month": lambda: store.search(
            StoryQuery(text="money", since=end - timedelta(days=30), until=end)
        ),
        "latest time": store.latest_time,
        "counts": store.counts,
        "feeds": store.feeds,
    }


def measured(ask: Callable[[], object], runs: int = 15) -> list[float]:
    """Return how long each run took, in milliseconds, shortest first."""
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        ask()
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)


@contextmanager
def new_file() -> Iterator[Store]:
    with tempfile.TemporaryDirectory() as folder, closing(SqliteStore(Path(folder) / "store.db")) as store:
        yield store


@contextmanager
def new_indices(url: str, *, plain_text: bool) -> Iterator[Store]:
    """Deploy under a prefix of our own, for as long as it is needed."""
    prefix = f"bench-{uuid.uuid4().hex[:8]}"
    with connect(Settings(), url) as client:
        apply(client, templates(prefix, plain_text=plain_text), START)
        try:
            yield ElasticStore(client, prefix, refresh="false")
        finally:
            client.indices.delete(index=list(client.indices.get_alias(index=f"{prefix}-*")))
            client.indices.delete_index_template(name=f"{prefix}-*")
            client.cluster.delete_component_template(name=f"{prefix}-*")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--stories", type=int, default=100_000)
    options.add_argument("--json", action="store_true")
    options.add_argument("--store", default="")
    options.add_argument("--plain-text", action="store_true")
    chosen = options.parse_args()
    opened = new_indices(chosen.store, plain_text=chosen.plain_text) if chosen.store else new_file()
    with opened as store:
        rate = fill(store, chosen.stories)
        time.sleep(SETTLE_S)
        results = {name: measured(ask) for name, ask in questions(store).items()}
    medians = {name: statistics.median(times) for name, times in results.items()}
    if chosen.json:
        print(json.dumps({"records_per_s": rate, "median_ms": medians}))
    else:
        print(f"{chosen.stories} stories, written at {rate:.0f} records/s")
        for name, times in results.items():
            print(f"{name:42} {medians[name]:7.1f} ms  (worst {times[-1]:.1f})")
    return 0 if max(medians.values()) < LIMIT_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
