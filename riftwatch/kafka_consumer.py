"""kafka-python's consumer, mended where it stands still or gives up; made by riftwatch/kafka.py."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaConnectionError, KafkaTimeoutError, NodeNotReadyError

RETRY_S = 0.2
CLOSE_MS = 2_000
LEADER_MS = 3_000  # a leader answers within milliseconds, on a busy machine within a second


class Consumer(KafkaConsumer):  # type: ignore[misc]  # kafka-python has no types
    """A consumer that waits for a broker that is gone, finishes joining its group, and closes within CLOSE_MS.

    Its "I leave" queues behind "I join", which the broker answers only when a killed member's session is
    over: a stop right after a kill took 17 s.
    """

    def poll(self, timeout_ms: float = 0, max_records: int | None = None, **more: Any) -> dict[Any, Any]:
        """Return what has come; nothing, after a short wait, while no broker can be reached."""
        try:
            found: dict[Any, Any] = super().poll(timeout_ms=timeout_ms, max_records=max_records, **more)
        except (KafkaConnectionError, NodeNotReadyError) as error:
            logging.getLogger(__name__).warning("the broker is out of reach: %s", error)
            time.sleep(min(RETRY_S, timeout_ms / 1000))
            return {}
        self._go_on_joining()
        return found

    def _go_on_joining(self) -> None:
        """Ask for another join while one is not finished.

        A group's leader that rejoins because metadata changed (kafka-python 3.0.12) compares them anew at each poll.
        When the join outlasts the poll it finds nothing changed any more, never looks at the join's result, and
        stays outside of the group for ever, without heartbeats and without an error.
        """
        if self.config["group_id"] is not None and self._coordinator.rebalance_in_progress():
            self._coordinator.request_rejoin()

    def end_offsets(self, partitions: Any, timeout_ms: float | None = None) -> dict[Any, Any]:
        """Return the offset after each partition's newest record; raises KafkaTimeoutError."""
        return self._of_leaders(super().end_offsets, partitions, timeout_ms)

    def beginning_offsets(self, partitions: Any, timeout_ms: float | None = None) -> dict[Any, Any]:
        """Return the offset of each partition's oldest record; raises KafkaTimeoutError."""
        return self._of_leaders(super().beginning_offsets, partitions, timeout_ms)

    def _of_leaders(
        self, ask: Callable[..., dict[Any, Any]], partitions: Any, timeout_ms: float | None
    ) -> dict[Any, Any]:
        """Ask until there is an answer for every partition, with fresh metadata after the first time.

        After a broker's death and return kafka-python goes on asking it for partitions that others lead now, and
        while metadata change it may answer for some partitions only.
        """
        limit_s = (self.config["request_timeout_ms"] if timeout_ms is None else timeout_ms) / 1000
        until, once_ms = time.monotonic() + limit_s, min(LEADER_MS, limit_s * 500)
        while True:
            with suppress(KafkaTimeoutError):
                found = ask(partitions, timeout_ms=once_ms)
                if all(one in found for one in partitions):
                    return found
            if time.monotonic() > until:
                raise KafkaTimeoutError(f"no leader told the offsets of {len(partitions)} partitions")
            self._cluster.request_update()
            time.sleep(min(RETRY_S, limit_s / 10))

    def close(self, autocommit: bool = True, timeout_ms: float | None = CLOSE_MS) -> None:
        """Leave the group and close."""
        super().close(autocommit=autocommit, timeout_ms=timeout_ms)
