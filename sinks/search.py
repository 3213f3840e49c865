"""The search sink: stories, evidence, series, shifts, feeds, coverage, decisions, dead letters ─▶ store.

    gather ─▶ sort into records and dead letters ─▶ store.put ─▶ dead letters acknowledged ─▶ commit
                                                      │    ▲
                                            not now ──┴────┘ those records only, consumption paused

A batch is what one poll brings, or what comes within `sink_batch_age_s`: a record is searchable soon, and a flood
is written in few requests. Buffers nothing beyond its batch. Judges nothing.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

from riftwatch import log, metrics
from riftwatch.clock import Clock, monotonic
from riftwatch.errors import Retry
from riftwatch.flood import Flood
from sinks.batch import Limits, Sorted, gather, newest, sort
from sinks.consuming import Commits, Consumer, Letters, Stop, persist
from stores.base import Outcome, Store, Unfinished

STAGE = "search"
RETAIN_EVERY_S = 24 * 3600.0

logger = log.get(__name__)


class SearchSink:
    """The shell: orders the I/O of one batch after the other."""

    def __init__(
        self, consumer: Consumer, store: Store, letters: Letters, clock: Clock, stop: Stop, limits: Limits
    ) -> None:
        self._consumer = consumer
        self._store = store
        self._letters = letters
        self._clock = clock
        self._stop = stop
        self._limits = limits
        self._commits = Commits(consumer)
        self._flood = Flood("stored")
        self._retained_at: float | None = None

    def run(self) -> None:
        """Write until told to stop; what was taken is written and committed first."""
        while not self._stop.wanted:
            self.turn()

    def turn(self) -> None:
        """Write one batch; when nothing comes, look after the retention."""
        batch = gather(self._consumer, self._limits, self._stop)
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
        self._put(batch)
        dead = batch.dead()
        self._letters.send(dead)
        _account(batch, len(dead), monotonic() - started)
        self._flood.count(good=len(batch.good), dead=len(dead))

    def _put(self, batch: Sorted) -> None:
        """Store what is not settled yet; raises Retry, after noting what is settled now."""
        places = batch.waiting
        if not places:
            return
        try:
            batch.settle(places, self._store.put([batch.good[place][1] for place in places]))
        except Unfinished as unfinished:
            batch.settle(places, unfinished.settled)
            raise

    def _retain_daily(self) -> None:
        if self._retained_at is not None and monotonic() - self._retained_at < RETAIN_EVERY_S:
            return
        try:
            newest_story = self._store.latest_time()
            if newest_story is None:
                return
            # Records tell the time; the clock keeps one wrong date in the future from emptying the store.
            gone = self._store.retain(min(newest_story, self._clock.now() + timedelta(hours=1)))
        except Retry as error:
            logger.warning("retention waits", status="retry", error=str(error))
            return
        self._retained_at = monotonic()
        logger.info("retention", status="ok", gone=gone)


def _account(batch: Sorted, dead: int, seconds: float) -> None:
    outcomes = [written.outcome for written in batch.written.values()]
    for outcome in Outcome:
        metrics.STORED.labels(outcome.value).inc(outcomes.count(outcome))
    for name, number in (
        ("in", len(batch.good) + len(batch.bad) + batch.empty),
        ("out", len(outcomes) - outcomes.count(Outcome.REJECTED)),
        ("dead", dead),
        ("drop", batch.empty),
    ):
        metrics.RECORDS.labels(STAGE, name).inc(number)
    metrics.STAGE_SECONDS.labels(STAGE).observe(seconds)
    if (time := newest(batch.records)) is not None:
        metrics.HEARTBEAT.labels(STAGE).set(time.timestamp())
