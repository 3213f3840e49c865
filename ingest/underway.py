"""Polls under way: who is being polled, since when, and how all of them end."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class _Poll:
    task: asyncio.Task[None]
    since: datetime


class UnderWay:
    """Tasks that poll feeds, one a feed; `freed` is set whenever one of them ends."""

    def __init__(self) -> None:
        self.freed = asyncio.Event()
        self._polls: dict[str, _Poll] = {}

    def __len__(self) -> int:
        return len(self._polls)

    def __contains__(self, feed_id: object) -> bool:
        return feed_id in self._polls

    @property
    def tasks(self) -> list[asyncio.Task[None]]:
        """The tasks that were not taken leave of."""
        return [one.task for one in self._polls.values()]

    def start(self, feed_id: str, poll: Coroutine[None, None, None], now: datetime) -> None:
        """Poll a feed that is not being polled."""
        task = asyncio.create_task(poll, name=f"poll {feed_id}")
        task.add_done_callback(lambda _: self.freed.set())
        self._polls[feed_id] = _Poll(task, now)

    def since(self, now: datetime) -> datetime:
        """Return when the oldest poll under way began; `now` where none is."""
        return min((one.since for one in self._polls.values()), default=now)

    def settle(self) -> None:
        """Take leave of finished polls; raises an exception that one of them did not expect."""
        for feed_id, one in list(self._polls.items()):
            if one.task.done():
                del self._polls[feed_id]
                one.task.result()
