"""The pollers' shared memory: the compacted topic riftwatch.feeds, read in a thread of its own.

Pollers form a consumer group on it. The partitions that a poller is assigned are the feeds it polls, and it
polls none of them before it has read that partition to its end, and has given whoever had it before a moment to
finish what was under way. Nothing is committed: a partition is read from the beginning each time it is assigned, as
compaction keeps it small.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol

from kafka import KafkaConsumer, TopicPartition

from riftwatch import kafka, log
from riftwatch.clock import monotonic
from riftwatch.errors import Reject
from riftwatch.records import FeedState, decode
from riftwatch.settings import Settings
from riftwatch.topics import FEEDS, GROUP_POLL

POLL_MS = 200  # shorter ones cost processor time on an idle topic
HANDOVER_S = 2.0  # after the old owner's next turn: most polls take less; a slower one is repeated
logger = log.get(__name__)


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of the feeds is ours now, and what was learnt of them since the last look."""

    partitions: int  # of the topic
    ready: frozenset[int]  # assigned and read to the end
    reading: frozenset[int] = frozenset()  # assigned and not read to the end yet
    news: Mapping[str, FeedState] = field(default_factory=dict)

    def owns(self, feed_id: str) -> bool:
        """Return whether this poller polls the feed."""
        return _partition(feed_id, self.partitions) in self.ready

    def learns(self, feed_id: str) -> bool:
        """Return whether what is known of the feed is to be kept: it is ours, or soon will be."""
        return _partition(feed_id, self.partitions) in self.ready | self.reading


class Memory(Protocol):
    """Where feed states come from."""

    def look(self) -> Share:
        """Return the present share; raises what ended the reading."""


class StateTopic:
    """Follows riftwatch.feeds. A rebalance is noticed by comparing assignments at each turn."""

    def __init__(self, settings: Settings) -> None:
        self._consumer: KafkaConsumer = kafka.consumer(settings, GROUP_POLL, [FEEDS.name])
        self._lock = threading.Lock()
        self._share = Share(len(kafka.partitions_of(self._consumer, FEEDS.name)), frozenset())
        self._news: dict[str, FeedState] = {}
        self._ends: dict[TopicPartition, int] = {}  # partitions being read, and where their end was
        self._free_at: dict[TopicPartition, float] = {}  # monotonic: when their old owner is taken to be done
        self._handover_s = settings.poll_turn_s + HANDOVER_S
        self._assigned: frozenset[TopicPartition] = frozenset()
        self._error: BaseException | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="feed-states", daemon=True)
        self._thread.start()

    def look(self) -> Share:
        """Return the present share and forget its news; raises what ended the thread."""
        with self._lock:
            if self._error is not None:
                raise self._error
            news, self._news = self._news, {}
            return replace(self._share, news=news)

    def stop(self) -> None:
        """Leave the group, so that other pollers take over at once."""
        self._stopping.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._turn()
        except BaseException as error:
            with self._lock:
                self._error = error
        finally:
            self._consumer.close()

    def _turn(self) -> None:
        batches = self._consumer.poll(timeout_ms=POLL_MS)
        self._notice_rebalance()
        with self._lock:
            for records in batches.values():
                self._learn(records)
        self._notice_ends()

    def _notice_rebalance(self) -> None:
        assigned = frozenset(self._consumer.assignment())
        if assigned == self._assigned:
            return
        fresh = assigned - self._assigned
        logger.info("feeds assigned", status="assigned", partitions=sorted(one.partition for one in assigned))
        if fresh:
            self._consumer.seek_to_beginning(*fresh)
        self._free_at |= dict.fromkeys(fresh, monotonic() + self._handover_s)
        kept = {one: end for one, end in self._ends.items() if one in assigned}
        self._ends = kept | (self._consumer.end_offsets(list(fresh)) if fresh else {})
        self._assigned = assigned
        self._publish()

    def _notice_ends(self) -> None:
        now = monotonic()
        free = {one: end for one, end in self._ends.items() if now >= self._free_at[one]}
        done = {one for one, end in free.items() if self._consumer.position(one) >= end}
        if done:
            self._ends = {one: end for one, end in self._ends.items() if one not in done}
            self._publish()

    def _publish(self) -> None:
        """Tell the loop which partitions may be polled."""
        ready = frozenset(one.partition for one in self._assigned if one not in self._ends)
        reading = frozenset(one.partition for one in self._ends)
        with self._lock:
            self._share = Share(self._share.partitions, ready, reading)

    def _learn(self, records: Iterable[Any]) -> None:  # Any: kafka-python's records are untyped
        for record in records:
            try:
                state = decode(record.value, FeedState)
            except Reject as error:
                logger.warning(
                    "unreadable feed state", status="reject", offset=record.offset, error=str(error)
                )
                continue
            self._news[state.feed_id] = state


@lru_cache(maxsize=100_000)
def _partition(feed_id: str, partitions: int) -> int:
    """Return a feed's partition; cached, as every turn asks for every feed."""
    return kafka.partition(feed_id.encode("utf-8", "replace"), partitions)
