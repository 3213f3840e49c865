"""What the replay can see of the running system: topics, committed offsets and /metrics. It only looks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime

from kafka import KafkaConsumer
from kafka.errors import KafkaError

from demo import gauges
from demo.tail import Tail
from riftwatch import kafka
from riftwatch.clock import iso
from riftwatch.errors import UserError
from riftwatch.records import Shift
from riftwatch.settings import Settings
from riftwatch.topics import (
    COVERAGE,
    DEAD_LETTERS,
    EVIDENCE,
    FEEDS,
    GROUP_MAIL,
    GROUP_PROCESS,
    GROUP_SEARCH,
    ITEMS,
    READINGS,
    SERIES,
    SHIFTS,
    STORIES,
    Topic,
)

HEARTBEAT = "riftwatch_heartbeat_seen_timestamp_seconds"
OUTBOX = "riftwatch_mail_outbox_depth"
STORED = (STORIES, EVIDENCE, SERIES, SHIFTS, FEEDS, COVERAGE, DEAD_LETTERS)
NAMED = 3  # feeds named in a sentence
ANSWER_MS = 1000  # meanwhile nobody starts a dead process again


class Progress:
    """Which records of its topics a consumer group has not committed yet."""

    def __init__(self, settings: Settings, group: str, topics: Sequence[Topic]) -> None:
        self._consumer: KafkaConsumer = kafka.consumer(settings, group)
        self._places = [one for topic in topics for one in kafka.partitions_of(self._consumer, topic.name)]
        self._done: dict[object, int] = {}

    def behind(self) -> int:
        """Return how many records the group has not committed; raises KafkaError."""
        ends = self._consumer.end_offsets(self._places, timeout_ms=ANSWER_MS)
        for place in self._places:
            if self._done.get(place, 0) < ends[place]:
                self._done[place] = self._consumer.committed(place, timeout_ms=ANSWER_MS) or 0
        return sum(max(0, ends[place] - self._done.get(place, 0)) for place in self._places)

    def close(self) -> None:
        """Close the consumer."""
        self._consumer.close()


class KafkaSignals:
    """The signals of an installation on this machine."""

    def __init__(
        self, settings: Settings, feeds: Collection[str], metrics_ports: Callable[[str], Sequence[int]],
        on_shift: Callable[[Shift], None] = lambda _: None, *, shared: bool = False,
    ) -> None:  # fmt: skip
        self.tail = Tail(settings)
        self._feeds = feeds
        self._metrics_ports = metrics_ports  # of every process of a role
        self._on_shift = on_shift  # hears of new shifts and new states, not of every revision
        self._told: dict[str, str] = {}
        self._mail = Progress(settings, GROUP_MAIL, (SHIFTS,))
        self._search = Progress(settings, GROUP_SEARCH, STORED)
        # Of several workers one may die and its partitions be nobody's for a while: no gauge shows that, commits do.
        self._work = Progress(settings, GROUP_PROCESS, (ITEMS, READINGS)) if shared else None

    def unpolled(self, moment: datetime) -> str:
        """Say which feeds have not been polled with success since `moment`."""
        self._look()
        never = datetime.min.replace(tzinfo=UTC)
        late = [feed for feed in self._feeds if self.tail.read_at.get(feed, never) < moment]
        if not late:
            return ""
        more = f" and {len(late) - NAMED} more" if len(late) > NAMED else ""
        return f"the poller to read {', '.join(sorted(late)[:NAMED])}{more}"

    def unwatched(self, moment: datetime) -> str:
        """Say that watch has not yet passed the canaries of `moment`."""
        seen = self._slowest("process", HEARTBEAT, 'stage="watch"')
        if seen is None:
            return "the worker to answer on its metrics port"
        if seen >= moment.timestamp():
            unread = _behind(self._work) if self._work else ""
            return f"the workers ({unread})" if unread else ""
        stood = f"it stands at {iso(datetime.fromtimestamp(seen, UTC))}" if seen else "it has not begun"
        return f"the worker to reach {iso(moment)} ({stood})"

    def unmailed(self) -> str:
        """Say that the mail sink has shifts to read or mails to send."""
        self._look()
        unread = _behind(self._mail)
        if unread:
            return f"the mail sink ({unread})"
        waiting = self._slowest("mail", OUTBOX)
        if waiting is None:
            return "the mail sink to answer on its metrics port"
        return f"the mail sink ({waiting:.0f} mails to send)" if waiting else ""

    def unstored(self) -> str:
        """Say that the search sink has records to write."""
        unread = _behind(self._search)
        return f"the search sink ({unread})" if unread else ""

    def close(self) -> None:
        """Close all consumers."""
        for one in (self.tail, self._mail, self._search, self._work):
            if one is not None:
                one.close()

    def _slowest(self, role: str, gauge: str, labels: str = "") -> float | None:
        """Return the smallest value that the role's processes show; None while one does not answer."""
        found = [gauges.read(port, gauge, labels) for port in self._metrics_ports(role)]
        shown = [value for value in found if value is not None]
        return min(shown) if shown and len(shown) == len(found) else None

    def _look(self) -> None:
        for shift in self.tail.look():
            if self._told.get(shift.shift_id) != shift.state:
                self._told[shift.shift_id] = shift.state
                self._on_shift(shift)


def _behind(progress: Progress) -> str:
    try:
        count = progress.behind()
    except (KafkaError, UserError) as error:  # the broker is being started again
        return f"no answer from Kafka: {error}"
    return f"{count} records to read" if count else ""
