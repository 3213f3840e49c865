"""The search sink: stories, evidence, series, shifts, feeds, coverage, decisions, dead letters ─▶ store.

    poll ─▶ sort into records and dead letters ─▶ store.put ─▶ dead letters acknowledged ─▶ commit

A batch is what one poll brings: a single record when little happens, MAX_RECORDS under load, so that a
record is searchable at once and a flood is written in few transactions. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from riftwatch import log, metrics
from riftwatch.clock import Clock, monotonic
from riftwatch.errors import Reject, Retry
from riftwatch.flood import Flood
from riftwatch.letters import Received
from riftwatch.records import FeedState, SeriesPoint, Story, decode
from riftwatch.topics import (
    COVERAGE,
    DEAD_LETTERS,
    DECISIONS,
    EVIDENCE,
    FEEDS,
    SERIES,
    SHIFTS,
    STORIES,
    Topic,
)
from sinks.consuming import Batch, Commits, Consumer, Letters, Stop, persist
from stores.base import Outcome, Store, Stored, Written

STAGE = "search"
TOPICS = (STORIES, EVIDENCE, SERIES, SHIFTS, FEEDS, COVERAGE, DECISIONS, DEAD_LETTERS)
BY_NAME: dict[str, Topic] = {topic.name: topic for topic in TOPICS}
MAX_RECORDS = 500
POLL_MS = 500  # a poll returns as soon as there is a record; this is how often an idle sink looks around
RETAIN_EVERY_S = 24 * 3600.0

logger = log.get(__name__)


@dataclass(slots=True)
class Sorted:
    """A batch, taken apart: what to store (with the message it came in), what is bad, what is empty."""

    good: list[tuple[Received, Stored]] = field(default_factory=list)
    dead: list[tuple[Received, Exception]] = field(default_factory=list)
    empty: int = 0  # tombstones: Kafka's own deletions, the store keeps by its own retention

    @property
    def records(self) -> list[Stored]:
        """What to store, in order."""
        return [record for _, record in self.good]


def sort(messages: Iterable[Received]) -> Sorted:
    """Take a batch apart. Pure; keeps the order."""
    result = Sorted()
    for message in messages:
        if message.value is None:
            result.empty += 1
            continue
        try:
            kind = BY_NAME[message.topic].record
            assert kind is not None
            record = decode(message.value, kind)
        except Reject as error:
            result.dead.append((message, error))
        else:
            result.good.append((message, record))  # type: ignore[arg-type]  # every kind in TOPICS is Stored
    return result


def rejected(
    good: Sequence[tuple[Received, Stored]], written: Sequence[Written]
) -> list[tuple[Received, Exception]]:
    """Return what the store can never take, with the reason. Pure."""
    return [
        (message, Reject("not_storable", outcome.reason))
        for (message, _), outcome in zip(good, written, strict=True)
        if outcome.outcome is Outcome.REJECTED
    ]


def newest(records: Iterable[Stored]) -> datetime | None:
    """Return the newest time that the records carry from the poller: how far this stage has come."""
    times = [record.fetched_at for record in records if isinstance(record, Story)]
    times += [record.polled_at for record in records if isinstance(record, FeedState) and record.polled_at]
    times += [record.newest_fetched_at for record in records if isinstance(record, SeriesPoint)]
    return max(times, default=None)


class SearchSink:
    """The shell: orders the I/O of one batch after the other."""

    def __init__(self, consumer: Consumer, store: Store, letters: Letters, clock: Clock, stop: Stop) -> None:
        self._consumer = consumer
        self._store = store
        self._letters = letters
        self._clock = clock
        self._stop = stop
        self._commits = Commits(consumer)
        self._flood = Flood("stored")
        self._retained_at: float | None = None

    def run(self) -> None:
        """Write until told to stop; what was taken is written and committed first."""
        while not self._stop.wanted:
            self.turn()

    def turn(self) -> None:
        """Write what one poll brings; when it brings nothing, look after the retention."""
        batch: Batch = self._consumer.poll(timeout_ms=POLL_MS, max_records=MAX_RECORDS)
        if not batch:
            self._commits.settle()
            self._retain_daily()
            return
        taken = sort(chain.from_iterable(batch.values()))
        if persist(lambda: self._keep(taken), self._consumer, self._stop, STAGE):
            self._commits.settle(batch)

    def _keep(self, batch: Sorted) -> None:
        """Put a batch into the store and what is bad into the dead letters; raises Retry."""
        started = monotonic()
        written = self._store.put(batch.records)
        dead = batch.dead + rejected(batch.good, written)
        self._letters.send(dead)
        _account(batch, written, len(dead), monotonic() - started)
        self._flood.count(good=len(written), dead=len(dead))

    def _retain_daily(self) -> None:
        if self._retained_at is not None and monotonic() - self._retained_at < RETAIN_EVERY_S:
            return
        newest_story = self._store.latest_time()
        if newest_story is None:
            return
        # Records tell the time; the clock keeps one wrong date in the future from emptying the store.
        now = min(newest_story, self._clock.now() + timedelta(hours=1))
        try:
            gone = self._store.retain(now)
        except Retry as error:
            logger.warning("retention waits", status="retry", error=str(error))
            return
        self._retained_at = monotonic()
        logger.info("retention", status="ok", gone=gone)


def _account(batch: Sorted, written: Sequence[Written], dead: int, seconds: float) -> None:
    kept = sum(outcome.outcome is not Outcome.REJECTED for outcome in written)
    for outcome in Outcome:
        metrics.STORED.labels(outcome.value).inc(sum(one.outcome is outcome for one in written))
    for name, number in (
        ("in", len(written) + len(batch.dead) + batch.empty), ("out", kept), ("dead", dead), ("drop", batch.empty),
    ):  # fmt: skip
        metrics.RECORDS.labels(STAGE, name).inc(number)
    metrics.STAGE_SECONDS.labels(STAGE).observe(seconds)
    if (time := newest(batch.records)) is not None:
        metrics.HEARTBEAT.labels(STAGE).set(time.timestamp())
